"""Weights of another run: what fits is taken over, the rest stays, and what can't be is refused."""

import io
import json

import pytest
import torch
from rich.console import Console
from torch import nn

from polyclinic.config import Config
from polyclinic.data import Cohort, Split
from polyclinic.errors import ConfigError, RunError
from polyclinic.recipes.initial import check_initial, start_from, warn_of_seen
from polyclinic.sample import Sample
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
