from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from polyclinic.data.facts import gather_facts
from polyclinic.errors import ConfigError, DataError
from polyclinic.geometry import Homography
from polyclinic.metrics.classify.answers import finding_answers
from polyclinic.metrics.judges.findings import figures
from polyclinic.tasks import ReadingBuilder
from polyclinic.tasks.multilabel import Multilabel, MultilabelConfig
from tests.tasks.networks import batch_of, build
from tests.tasks.whole_image.pictures import learn, picture, read, without_labels

BOTH = MultilabelConfig(labels=("red", "blue"))


def tinted(seed, red, blue):
    """Two colours that come and go, each on its own."""
    colour = (40 + 160 * red, 100, 40 + 160 * blue)
    return picture(seed, colour, red=("no", "yes")[red], blue=blue)


SAMPLES = [tinted(seed, seed % 2, seed // 2 % 2) for seed in range(8)]
FACTS = gather_facts(SAMPLES, (), None)


def labelled(*values, label="red"):
    return [replace(SAMPLES[row], labels={label: one}) for row, one in enumerate(values)]


@pytest.mark.parametrize("balanced", [False, True])
def test_loss_is_that_of_every_annotated_answer(balanced):
    """Blue is annotated in three of four images, and present in two of these."""
    config = MultilabelConfig(labels=("red", "blue"), balanced=balanced)
    samples = [
        SAMPLES[0],
        SAMPLES[2],
        SAMPLES[3],
        replace(SAMPLES[0], labels={"red": "no"}),
    ]
    network = build((config,), gather_facts(samples, (), None)).train()
    batch = batch_of(network, [*samples, without_labels(SAMPLES[1])])
    loss = network(batch)["multilabel"]
    assert loss.count == 7
    counts = {"red": {"no": 3, "yes": 1}, "blue": {"0": 1, "1": 2}}
    total = 0.0
    for sample, reading in read(network, samples):
        for label, value in sample.labels.items():
            name, known = str(value), counts[label]
            roots = {one: count**-0.5 for one, count in known.items()}
            mean = sum(known[one] * root for one, root in roots.items()) / sum(known.values())
            weight = roots[name] / mean if balanced else 1.0
            total -= weight * np.log(reading.findings[label][name])
    assert loss.total.item() == pytest.approx(total, rel=1e-4)


def test_an_unlabelled_batch_gives_no_loss():
    network = build((BOTH,), FACTS).train()
    assert network(batch_of(network, [without_labels(one) for one in SAMPLES])) == {}


def test_one_label_teaches_nothing_about_the_other():
    network = build((BOTH,), FACTS).train()
    only = [replace(one, labels={"red": one.labels["red"]}) for one in SAMPLES]
    network(batch_of(network, only))["multilabel"].total.backward()
    gradient = network.tasks["multilabel"].head[-1].bias.grad
    assert gradient[0] != 0
    assert gradient[1] == 0


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=5))
def test_each_finding_adds_up_to_one(logits):
    labels = tuple(f"label {row}" for row in range(len(logits)))
    counts = {label: {"no": 1, "yes": 2} for label in labels}
    task = Multilabel(MultilabelConfig(labels=labels), counts, 4)
    draft = ReadingBuilder(SAMPLES[0], Homography.identity())
    task.decode({"logits": torch.tensor(logits)}, draft)
    findings = draft.finish((), None, {}, accept=0.5).findings
    assert list(findings) == list(labels)
    for logit, found in zip(logits, findings.values(), strict=True):
        assert list(found) == ["no", "yes"]
        assert sum(found.values()) == 1
        assert min(found.values()) >= 0
        assert found["yes"] == pytest.approx(expit(np.float64(logit)))


@pytest.mark.parametrize(
    ("values", "present"),
    [
        (("yes", "no"), "yes"),
        ((True, False), "True"),
        ((1, 0), "1"),
        ((10, 9), "10"),
        (("Normal", "ill"), "ill"),
        (("control", "case"), "case"),
        (("a", "b"), "b"),
        ((3, "none"), "3"),
    ],
)
def test_the_judge_takes_the_same_value_for_positive(values, present):
    samples = labelled(*(values[row % 2] for row in range(6)))
    network = build((MultilabelConfig(labels=("red",)),), gather_facts(samples, (), None))
    assert network.tasks["multilabel"].values["red"][1] == present
    [answers] = finding_answers(read(network, samples))
    assert answers.values[1] == present
    assert answers.unheard == 0


def test_labels_are_learned_side_by_side():
    """Other images are read; a part of the answers to train on is missing."""
    network = build((BOTH,), FACTS)
    samples = [tinted(seed, seed % 2, seed // 2 % 2) for seed in range(12)]
    samples[0] = replace(samples[0], labels={"blue": samples[0].labels["blue"]})
    samples[5] = without_labels(samples[5])
    learn(network, samples)
    cases = read(network, [tinted(100 + seed, seed % 2, seed // 2 % 2) for seed in range(8)])
    values = {one.name: one.value(np.ones(len(cases))) for one in figures(cases, 0.5)}
    assert values["red_balanced_accuracy"] == values["blue_balanced_accuracy"] == 1


def test_a_third_value_met_later_is_refused():
    network = build((BOTH,), FACTS)
    wrong = replace(SAMPLES[0], labels={"red": "yess"}, file="a.png")
    with pytest.raises(DataError, match=r"a\.png: label 'red' is 'yess'; .*mean 'yes'\?"):
        batch_of(network, [wrong])


def test_what_can_not_be_learned_is_left_out():
    def reason(*values):
        return MultilabelConfig(labels=("red",)).left_out(gather_facts(labelled(*values), (), None))

    assert BOTH.left_out(FACTS) is None
    assert reason("yes", "yes") == "every label 'red' of the images to train on is 'yes'"
    assert reason(0, 1, 2) == "the label 'red' has 3 values (0, 1, 2), not two"
    assert MultilabelConfig(labels=("rad", "blue", "x")).left_out(FACTS) == (
        "no image to train on has the label 'rad'; did you mean 'red'?; "
        "no image to train on has the label 'x'; known: blue, red"
    )


@pytest.mark.parametrize("values", [{}, {"labels": []}, {"labels": ["a", "a"]}])
def test_settings_that_do_not_fit_are_refused(values):
    with pytest.raises(ConfigError):
        MultilabelConfig.parse(values)


def test_the_level_must_exist():
    with pytest.raises(ConfigError, match=r"level of multilabel: levels p9"):
        build((MultilabelConfig(labels=("red",), level="p9"),), FACTS)
