from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.data.augment import AugmentConfig, FrameConfig
from polyclinic.data.facts import Facts, gather_facts
from polyclinic.errors import ConfigError, DataError
from polyclinic.geometry import Homography
from polyclinic.metrics.classify.answers import finding_answers
from polyclinic.metrics.judges.findings import figures
from polyclinic.tasks import ReadingBuilder, Scene
from polyclinic.tasks.classes import Classes, ClassesConfig
from polyclinic.tasks.prepare import prepare_training
from tests.tasks.networks import batch_of, build
from tests.tasks.whole_image.pictures import learn, picture, read, without_labels

COLOURS = {"absent": (60, 60, 190), "implant": (190, 60, 60), "native": (60, 190, 60)}
KNEE = ClassesConfig(label="knee")


def coloured(seed, value, **labels):
    """A noisy image of a colour, labelled with its name; some of it is grey."""
    share = np.random.default_rng(seed).uniform(0.5, 0.8)
    return picture(seed, COLOURS[value], share, knee=value, **labels)


SAMPLES = [
    coloured(seed, value) for seed, value in enumerate(["native"] * 4 + ["implant", "absent"])
]
FACTS = gather_facts(SAMPLES, (), None)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("balanced", [False, True])
def test_loss_is_the_cross_entropy_of_the_labelled_images(smoothing, balanced):
    """Against torch, and against the sum -q_c w_c log p_c written out."""
    config = ClassesConfig(label="knee", smoothing=smoothing, balanced=balanced)
    network = build((config,), FACTS).train()
    mixed = [SAMPLES[0], without_labels(SAMPLES[1]), *SAMPLES[4:]]
    batch = batch_of(network, mixed)
    loss = network(batch)["classes_knee"]
    assert loss.count == 3
    task = network.tasks["classes_knee"]
    assert task.values == ("absent", "implant", "native")
    logits = torch.stack([found["classes_knee"]["logits"] for found in network.predict(batch)])
    logits, rows = logits[[0, 2, 3]], torch.tensor([2, 1, 0])
    weights = torch.ones(3)
    if balanced:
        weights = torch.tensor([1.0, 1.0, 4**-0.5]) * 6 / (1 + 1 + 2)
        torch.testing.assert_close(task.weights, weights)
    oracle = torch.nn.CrossEntropyLoss(weights, label_smoothing=smoothing)
    torch.testing.assert_close(loss.total / weights[rows].sum(), oracle(logits, rows))
    wanted = torch.full((3, 3), smoothing / 3)
    wanted[range(3), rows] += 1 - smoothing
    torch.testing.assert_close(loss.total, -(wanted * weights * logits.log_softmax(1)).sum())


def test_an_unlabelled_batch_gives_no_loss():
    network = build((KNEE,), FACTS).train()
    assert network(batch_of(network, [without_labels(one) for one in SAMPLES])) == {}


@given(
    st.lists(st.floats(-1e4, 1e4, width=32), min_size=2, max_size=9),
    st.sampled_from([torch.float32, torch.bfloat16]),
)
def test_probabilities_add_up_to_one_in_the_order_of_the_facts(logits, dtype):
    counts = {f"value {row}": 1 for row in range(len(logits))}
    draft = ReadingBuilder(SAMPLES[0], Homography.identity())
    said = torch.tensor(logits).to(dtype)
    Classes(KNEE, counts, 4).decode({"logits": said}, draft)
    found = draft.finish((), None, {}, accept=0.5).findings["knee"]
    assert list(found) == list(counts)
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)
    oracle = np.exp(said.double().numpy() - said.double().numpy().max())
    np.testing.assert_allclose(list(found.values()), oracle / oracle.sum(), atol=1e-12)


@pytest.mark.parametrize(
    "values", [(True, False), (0, 1, 4), (1.0, 2.0), (0.5, 1.5), ("no", "yes"), (3, "none")]
)
def test_the_judge_knows_every_value(values):
    samples = [coloured(row, "native", said=values[row % len(values)]) for row in range(6)]
    network = build((ClassesConfig(label="said"),), gather_facts(samples, (), None))
    cases = read(network, samples)
    [answers] = finding_answers(cases)
    assert answers.unheard == 0
    assert len(answers.values) == len(values)
    for one in figures(cases, 0.5):
        # nobody chose a threshold for this reader
        known = one.value(np.ones(6)) is not None or "_at_95_" in one.name
        assert known or one.name.endswith(("_ppv", "_npv", "_calibration_slope")), one.name


@pytest.mark.parametrize(
    "settings",
    [
        {"balanced": True, "smoothing": 0.1, "dropout": 0.2},
        {"level": "p3", "hidden": 16},
    ],
)
def test_colours_are_learned(settings):
    """Few images of some values, other images to be read; half of the knees are not labelled."""
    names = ("native",) * 6 + ("implant",) * 3 + ("absent",) * 3
    training = [coloured(seed, value) for seed, value in enumerate(names)]
    config = ClassesConfig(label="knee", **settings)
    network = build((config,), gather_facts(training, (), None))
    training += [without_labels(coloured(50 + seed, "native")) for seed in range(4)]
    learn(network, training)
    fresh = [coloured(100 + seed, value) for seed, value in enumerate(names)]
    cases = read(network, fresh)
    values = {one.name: one.value(np.ones(len(cases))) for one in figures(cases, 0.5)}
    assert values["knee_accuracy"] == 1


def test_the_label_stays_with_every_view():
    encoded = prepare_training(
        SAMPLES[4],
        3,
        tasks=build((KNEE,), FACTS).task_list,
        frame=FrameConfig(longest=64),
        augment=AugmentConfig(mirror=1.0, degrees=30.0),
        schema=None,
    )
    assert encoded.targets["classes_knee"]["row"] == 1


def test_several_labels_stand_side_by_side():
    samples = [coloured(row, "native", **{"a.b": row % 2, "side": "LR"[row % 2]}) for row in (0, 1)]
    configs = (ClassesConfig(label="a.b"), ClassesConfig(label="side"))
    network = build(configs, gather_facts(samples, (), None)).train()
    assert network.loss_names == ("classes_a_b", "classes_side")
    assert set(network(batch_of(network, samples))) == set(network.loss_names)
    torch.nn.ParameterDict({name: torch.zeros(()) for name in network.loss_names})
    for _, reading in read(network, samples):
        assert {name: list(one) for name, one in reading.findings.items()} == {
            "a.b": ["0", "1"],
            "side": ["L", "R"],
        }


def test_padding_changes_no_answer():
    for level in (None, "p3"):
        task = build((ClassesConfig(label="knee", level=level),), FACTS).tasks["classes_knee"]
        channels = task.head[-1].in_features
        features = torch.rand(1, channels, 8, 12)
        padded = torch.nn.functional.pad(features, (0, 4, 0, 8), value=1e3)
        said = [
            task.predict(Scene([maps], {"p3": maps}, frame, [(64, 96)], [0]))[0]["logits"]
            for maps, frame in ((features, (64, 96)), (padded, (128, 128)))
        ]
        torch.testing.assert_close(*said)


def test_what_can_not_be_learned_is_left_out():
    assert KNEE.left_out(FACTS) is None
    bare = gather_facts([without_labels(one) for one in SAMPLES], (), None)
    assert KNEE.left_out(bare) == "no image to train on has the label 'knee'"
    misspelt = ClassesConfig(label="kne").left_out(FACTS)
    assert misspelt == "no image to train on has the label 'kne'; did you mean 'knee'?"
    single = gather_facts(SAMPLES[:4], (), None)
    reason = "every label 'knee' of the images to train on is 'native'"
    assert KNEE.left_out(single) == reason
    elsewhere = replace(FACTS, label_counts={"knee": (0, 0, 4)})
    assert KNEE.left_out(elsewhere) == reason
    several = gather_facts([replace(SAMPLES[0], labels={"knee": v}) for v in (1, "1.0")], (), None)
    assert KNEE.left_out(several).endswith("is '1'")


def test_a_network_of_an_older_run_can_be_built():
    document = FACTS.to_json()
    del document["label_counts"]
    older = Facts.from_json(document)
    config = ClassesConfig(label="knee", balanced=True)
    assert config.left_out(older) is None
    first, second = build((config,), FACTS), build((config,), older, seed=1)
    second.load_state_dict(first.state_dict())
    (_, one), (_, other) = read(first, SAMPLES[:1])[0], read(second, SAMPLES[:1])[0]
    assert one.findings == other.findings


@pytest.mark.parametrize(
    "values",
    [
        {"label": ""},
        {},
        {"label": "a", "smoothing": 1.0},
        {"label": "a", "hidden": 0},
        {"label": "a", "name": "b.c"},
        {"label": "a", "values": ["x"]},
        {"label": "a", "values": ["2", 2.0]},
        {"label": "a", "values": ["x", None]},
    ],
)
def test_settings_that_do_not_fit_are_refused(values):
    with pytest.raises(ConfigError):
        ClassesConfig.parse(values)


def test_declared_values_are_told_apart_also_without_images():
    config = ClassesConfig(label="knee", balanced=True, values=("native", "severed", "implant"))
    network = build((config,), gather_facts(SAMPLES[:5], (), None))
    task = network.tasks["classes_knee"]
    assert task.values == ("native", "severed", "implant")
    torch.testing.assert_close(task.weights, torch.tensor([1.0, 0.0, 2.0]) * 5 / 6)
    loss = network.train()(batch_of(network, SAMPLES[:5]))["classes_knee"]
    assert loss.count == 5
    assert loss.total.isfinite()
    assert list(read(network, SAMPLES[:1])[0][1].findings["knee"]) == list(task.values)


def test_a_value_that_was_not_declared_is_refused():
    config = ClassesConfig(label="knee", values=("absent", "nativ", "implant"))
    assert config.left_out(FACTS) is None
    network = build((config,), FACTS)
    wrong = replace(SAMPLES[0], file="knees/7.png")
    with pytest.raises(DataError, match=r"knees/7\.png: label 'knee' is 'native'; .*'nativ'\?"):
        batch_of(network, [wrong])


def test_declared_values_go_by_the_names_that_are_judged():
    config = ClassesConfig.parse({"label": "a", "values": [0, 1.0, "2.0", "x"]})
    assert config.values == ("0", "1", "2", "x")
    assert ClassesConfig.parse(config.model_dump(mode="json")) == config


def test_a_task_may_be_named():
    config = ClassesConfig(label="knee", name="diagnosis")
    network = build((config,), FACTS)
    assert config.task_name == "diagnosis"
    assert network.loss_names == ("diagnosis",)
    assert set(read(network, SAMPLES[:1])[0][1].findings) == {"knee"}


def test_the_level_must_exist():
    with pytest.raises(ConfigError, match=r"level of the label knee: levels p9"):
        build((ClassesConfig(label="knee", level="p9"),), FACTS)
