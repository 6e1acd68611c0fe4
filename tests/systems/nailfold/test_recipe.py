"""The nailfold recipe: presets, and what it takes from the data."""

import json

import pytest

from polyclinic.config import Config
from polyclinic.data import open_cohort, write_coco
from polyclinic.errors import ConfigError
from polyclinic.fitting.fit import fit
from polyclinic.recipes.assemble import assemble
from polyclinic.runs.load import load
from polyclinic.systems.nailfold.recipe import Nailfold
from tests.systems.nailfold.small import SMALL

TINY = {
    "data": {"frame": {"longest": 128}},
    "model": {"encoder": "test_resnet", "pyramid_channels": 16},
    "train": {"steps": 2, "batch_size": 2, "warmup_steps": 1, "workers": 0},
}


def parameters(module):
    return sum(p.numel() for p in module.parameters())


def test_paper_preset_has_the_published_settings():
    config = Nailfold().resolve({"preset": "paper"})
    head, proposals = config.instances.head, config.instances.proposals
    assert (config.data.frame.longest, config.data.frame.shortest) == (1024, 1024)
    assert config.data.augment.scale == (0.1, 2.0)
    assert proposals.anchor_sizes == (32, 64, 128, 256, 512)
    assert (proposals.sampled, proposals.after_nms, head.sampled) == (128, (1500, 1000), 256)
    assert (head.smooth_l1_beta, head.hidden, head.positive_share) == (0.5, 1024, 0.25)
    assert (config.instances.score_threshold, config.instances.nms_iou) == (0.05, 0.5)
    assert config.landmarks.widths == (512,) * 8
    assert config.landmarks.codec == "cell"
    train = config.train
    assert (train.steps, train.batch_size, train.lr) == (10_000, 4, 1.6e-4)
    assert (train.milestones, train.factors) == ((0.75, 0.95), (0.1, 0.01))
    assert (train.warmup_steps, train.weight_decay, train.clip_norm) == (250, 0.1, None)
    assert config.balance.kind == "uncertainty"


def test_paper_network_has_44_m_parameters_before_the_landmark_head(phantoms):
    facts = open_cohort(phantoms).facts()
    config = Nailfold().resolve({"preset": "paper"})
    network = assemble(Nailfold(), config, facts).network
    whole, landmarks = parameters(network), parameters(network.tasks["landmarks"])
    # With the 80 classes of COCO the published network has 44 M; with five it has 0.4 M less.
    assert (whole - landmarks) / 1e6 == pytest.approx(43.3, abs=0.1)


@pytest.mark.parametrize("preset", ["small", "paper"])
def test_settings_survive_their_file(preset):
    config = Nailfold().resolve({"preset": preset})
    assert isinstance(config, Config)
    import yaml

    assert Nailfold.settings.parse(yaml.safe_load(config.to_yaml())) == config


def test_unknown_preset():
    with pytest.raises(ConfigError, match="small"):
        Nailfold().resolve({"preset": "smal"})


def without(data, key):
    for one in data["annotations"]:
        one.pop(key, None)
        if key == "keypoints":
            one.pop("num_keypoints", None)
    return data


@pytest.mark.parametrize(
    ("dropped", "tasks", "said"),
    [
        ((), ["instances", "masks", "landmarks"], 0),
        (("keypoints",), ["instances", "masks"], 1),
        (("keypoints", "segmentation"), ["instances"], 2),
    ],
)
def test_tasks_follow_the_annotations(phantoms, tmp_path, dropped, tasks, said):
    data = json.loads(phantoms.read_text())
    for key in dropped:
        data = without(data, key)
    for image in data["images"]:
        image.pop("annotated", None)
    file = phantoms.with_name(f"without_{len(dropped)}.json")
    file.write_text(json.dumps(data))
    fitted = fit("nailfold", file, tmp_path / "run", TINY)
    assert list(load(tmp_path / "run").network.tasks) == tasks
    assert sum("no image to train on" in one for one in fitted.left_out) == said


def test_partly_annotated_sets_train_on_what_there_is(phantoms, tmp_path):
    data = json.loads(phantoms.read_text())
    for image in data["images"]:
        image.pop("annotated", None)
    for row, one in enumerate(data["annotations"]):
        if row % 2:
            one.pop("segmentation", None)
        if row % 3:
            one.pop("keypoints", None)
            one.pop("num_keypoints", None)
    file = phantoms.with_name("partly.json")
    file.write_text(json.dumps(data))
    fitted = fit("nailfold", file, tmp_path / "run", TINY)
    assert not any("no image to train on" in one for one in fitted.left_out)
    assert {"mask", "landmarks"} <= set(fitted.result.final_losses)


def test_landmarks_go_to_the_classes_that_carry_them(phantoms):
    facts = open_cohort(phantoms).facts()
    names = [facts.classes[row] for row in facts.landmark_classes]
    assert "normal" in names
    assert "haemorrhage" not in names


def test_phantoms_and_their_subset_open_again(tmp_path):
    from polyclinic.systems.nailfold.phantoms import make_cohort

    file = make_cohort(tmp_path, patients=2, images_per_patient=1, seed=1, config=SMALL)
    cohort = open_cohort(file)
    write_coco(cohort.subset([1]), tmp_path / "half.json")
    assert open_cohort(tmp_path / "half.json").samples[0].patient_id == "p002"
