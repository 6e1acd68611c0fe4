"""Weights of another run: what fits is taken over, the rest stays, and what can't be is refused."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from rich.console import Console
from torch import nn

from polyclinic.config import Config
from polyclinic.data import Cohort, Split
from polyclinic.errors import ConfigError, RunError
from polyclinic.fitting.initial import check_initial, start_from, warn_of_seen
from polyclinic.recipes.assemble import assemble
from polyclinic.recipes.landmarks import Landmarks
from polyclinic.recipes.segment import Segment
from polyclinic.sample import Instance, Mask, Sample
from polyclinic.schema import LandmarkSchema
from polyclinic.systems.nailfold.recipe import Nailfold
from polyclinic.training.run_directory import RunDirectory


def network(width=4, landmarks=16):
    """As a network is put together: an encoder, a pyramid, heads."""
    return nn.ModuleDict(
        {
            "encoder": nn.Sequential(nn.Conv2d(3, width, 3), nn.BatchNorm2d(width)),
            "pyramid": nn.Conv2d(width, 8, 1),
            "tasks": nn.ModuleDict({"points": nn.Conv2d(8, landmarks, 1)}),
        }
    )


def run_of(trained, folder):
    run = RunDirectory.start(folder, Config(), resume=False)
    run.save_model(trained.state_dict(), {})
    return folder


def started(own, run):
    said = io.StringIO()
    start_from(own, run, Console(file=said, width=500))
    return said.getvalue()


def test_the_same_network_is_taken_over_whole(tmp_path) -> None:
    trained, own = network(), network()
    said = started(own, run_of(trained, tmp_path / "run"))
    for name, tensor in trained.state_dict().items():
        assert torch.equal(own.state_dict()[name], tensor), name
    assert f"{len(own.state_dict())} of {len(own.state_dict())} tensors" in said
    assert "new" not in said


def test_a_head_for_other_landmarks_keeps_its_own_weights(tmp_path) -> None:
    """One point a knee first, sixteen later."""
    trained, own = network(landmarks=1), network(landmarks=16)
    before = {name: tensor.clone() for name, tensor in own.state_dict().items()}
    said = started(own, run_of(trained, tmp_path / "run"))
    for name, tensor in own.state_dict().items():
        source = before if name.startswith("tasks.") else trained.state_dict()
        assert torch.equal(tensor, source[name]), name
    assert "new: tasks.points" in said


def test_running_means_come_along(tmp_path) -> None:
    trained, own = network(), network()
    trained["encoder"](torch.rand(2, 3, 8, 8))
    started(own, run_of(trained, tmp_path / "run"))
    assert torch.equal(own["encoder"][1].running_mean, trained["encoder"][1].running_mean)
    assert own["encoder"][1].num_batches_tracked == 1


@pytest.mark.parametrize(
    "trained", [network(width=4), nn.ModuleDict({"backbone": nn.Conv2d(3, 4, 3)})]
)
def test_another_encoder_is_refused_and_nothing_changes(trained, tmp_path) -> None:
    """The counters of batch normalisation fit any width, and say nothing."""
    own = network(width=6)
    before = {name: tensor.clone() for name, tensor in own.state_dict().items()}
    with pytest.raises(ConfigError, match="another encoder"):
        started(own, run_of(trained, tmp_path / "run"))
    assert all(torch.equal(own.state_dict()[name], tensor) for name, tensor in before.items())


def test_what_is_no_run_is_refused(tmp_path) -> None:
    with pytest.raises(RunError, match="is not a run"):
        check_initial(tmp_path)


def test_a_run_without_weights_is_refused(tmp_path) -> None:
    RunDirectory.start(tmp_path / "run", Config(), resume=False)
    check_initial(tmp_path / "run")
    with pytest.raises(RunError):
        started(network(), tmp_path / "run")


def judged_by(patients, folder):
    """What is said of a run that learnt from p1 and p2, when others are to be judged."""
    learnt = Cohort(
        samples=tuple(
            Sample(image_id=name, size=(8, 8), patient_id=name) for name in ("p1", "p2", "p3")
        )
    )
    document = {
        "images": [
            {"id": one.image_id, "patient_id": one.patient_id, "part": part, "hash": None}
            for one, part in zip(learnt.samples, ("train", "val", "test"), strict=True)
        ]
    }
    (folder / "fingerprints.json").write_text(json.dumps(document))
    cohort = Cohort(
        samples=tuple(Sample(image_id=f"x {p}", size=(8, 8), patient_id=p) for p in patients)
    )
    split = Split(
        train=(),
        val=(),
        test=tuple(range(len(patients))),
        calibration=(),
        image_ids={},
        audit=None,
    )
    said = io.StringIO()
    warn_of_seen(folder, cohort, split, Console(file=said, width=500))
    return said.getvalue()


def test_patients_that_the_first_run_learnt_from_are_named(tmp_path) -> None:
    said = judged_by(["p1", "p2", "p9"], tmp_path)
    assert "2 patients" in said
    assert "p1, p2" in said
    assert judged_by(["p3", "p9", None], tmp_path) == ""
    assert warn_of_seen(tmp_path / "none", Cohort(samples=()), None, Console()) is None


def test_several_trainings_are_refused(tmp_path) -> None:
    (tmp_path / "config.yaml").write_text("{}")
    (tmp_path / "folds.json").write_text("{}")
    with pytest.raises(RunError, match="fold-1"):
        check_initial(tmp_path)


CLASSES, POINTS = ("disc", "cup", "rim"), ("left", "right", "tip")
SETTINGS = {
    "model": {"encoder": "test_resnet", "pyramid_channels": 16},
    "beside": {"classes": ({"label": "dx"},), "grades": ({"label": "grade"},)},
}


def facts_of(classes, points, values=("ill", "well"), objects=3):
    """Of images that show an object of each class."""
    places = np.column_stack([np.arange(len(points)), np.arange(len(points)), [2.0] * len(points)])
    samples = tuple(
        Sample(
            image_id=row,
            size=(40, 40),
            labels={"dx": value, "grade": row},
            instances=tuple(
                Instance(
                    box=np.array([2.0, 2, 30, 30]),
                    category=row,
                    landmarks=places.astype(float),
                    mask=Mask.from_array(np.ones((40, 40), bool)),
                )
                for row in range(objects)
            ),
        )
        for row, value in enumerate(values)
    )
    schema = LandmarkSchema(names=points)
    cohort = Cohort(samples=samples, classes=classes, landmark_schema=schema)
    return cohort.training_facts(range(len(samples)))


def assembled(recipe, facts, seed=0):
    config = recipe.resolve({**SETTINGS, "seed": seed})
    return config, assemble(recipe, config, facts).network


@pytest.mark.parametrize("recipe", [Nailfold(), Landmarks(), Segment()])
def test_rows_go_by_the_names_of_classes_landmarks_and_values(recipe, tmp_path) -> None:
    """In another order, one gone, one new: each row is that of its name, and the new one starts."""
    objects = 1 if recipe.name == "landmarks" else 3
    old = facts_of(CLASSES, POINTS, objects=objects)
    config, trained = assembled(recipe, old)
    with torch.no_grad():
        for one in trained.parameters():
            one.normal_()
    run = RunDirectory.start(tmp_path / "run", config, resume=False)
    run.save_model(trained.state_dict(), {"facts": old.to_json()})
    points, values = ("tip", "heel", "left"), ("well", "ill", "dead")
    mine = facts_of(("rim", "vein", "disc"), points, values, objects)
    _, own = assembled(recipe, mine, seed=1)
    before = {name: tensor.clone() for name, tensor in own.state_dict().items()}
    said = started(own, tmp_path / "run")
    after, theirs = own.state_dict(), trained.state_dict()
    rows, known = own.named_rows(), trained.named_rows()
    assert rows
    for name, one in rows.items():
        for row, key in enumerate(one.names):
            taken = after[name].select(one.axis, row)
            if key in known[name].names:
                source = theirs[name].select(one.axis, known[name].names.index(key))
            else:
                source = before[name].select(one.axis, row)
            assert torch.equal(taken, source), (name, key)
    assert "dead" in said
    assert "heel" in said or "vein" in said
    for name in set(after) - set(rows):
        assert torch.equal(after[name], theirs[name]), name


def test_rows_that_were_never_taught_are_not_taken_over(tmp_path) -> None:
    recipe, old = Segment(), facts_of(CLASSES, POINTS)
    old = replace(old, not_taught={"classes": ["cup"]})
    config, trained = assembled(recipe, old)
    run = RunDirectory.start(tmp_path / "run", config, resume=False)
    run.save_model(trained.state_dict(), {"facts": old.to_json()})
    _, own = assembled(recipe, facts_of(CLASSES, POINTS), seed=1)
    before = own.tasks["segments"].head.outputs.weight[1].clone()
    assert "rows of new names: cup" in started(own, tmp_path / "run")
    weight = own.tasks["segments"].head.outputs.weight
    assert torch.equal(weight[1], before)
    assert torch.equal(weight[0], trained.tasks["segments"].head.outputs.weight[0])
