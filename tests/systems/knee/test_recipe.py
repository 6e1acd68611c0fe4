"""The knee recipe from films to readings, with networks too small to be any good."""

from __future__ import annotations

import gc
import json
from dataclasses import replace
from functools import partial
from itertools import count

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from rich.console import Console

from polyclinic.cli.app import main
from polyclinic.data import open_cohort
from polyclinic.errors import ConfigError, DataError, RunError
from polyclinic.fitting.fit import fit
from polyclinic.fitting.fit_folds import fit_folds
from polyclinic.recipes.find import find_recipe
from polyclinic.runs.load import load
from polyclinic.runs.stages_file import StagesFile
from polyclinic.sample import Spacing
from polyclinic.schema import KNEE_CLASSES, KNEE_LANDMARKS
from polyclinic.systems.knee.reader import FilmReader
from polyclinic.systems.knee.recipe import Knee
from polyclinic.tasks.points import Points
from polyclinic.training.tensor_file import read_tensors
from tests.data.dicom.made import PATIENT, SECRETS, saved
from tests.systems.knee.knee_films import TINY, as_coco, as_table, patient


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    return as_coco(tmp_path_factory.mktemp("films"))


@pytest.fixture(scope="module")
def run(films, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "run"
    fitted = fit("knee", films, out, TINY)
    assert fitted.left_out == ()
    assert fitted.result.steps == 4
    return out


def polyclinic(*arguments):
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return left.value.code


@pytest.mark.parametrize("preset", sorted(Knee.presets))
def test_settings_survive_their_file(preset):
    config = Knee().resolve({"preset": preset})
    assert Knee.settings.parse(yaml.safe_load(config.to_yaml())) == config


def test_a_run_holds_two_runs(run):
    assert isinstance(find_recipe("knee"), Knee)
    assert [stage.name for stage in StagesFile.of_run(run).stages] == ["locate", "place"]
    tasks = {
        stage: json.loads((run / stage / "model.json").read_text())["tasks"]
        for stage in ("locate", "place")
    }
    assert tasks == {"locate": ["points"], "place": ["points", "classes_knee"]}
    reader = load(run)
    assert isinstance(reader, FilmReader)
    assert reader.classes == KNEE_CLASSES
    assert reader.landmark_schema.names == KNEE_LANDMARKS.names
    assert load(run / "locate").landmark_schema.names == ("centre",)


def test_every_layout_is_read(run):
    reader = load(run).with_candidates()
    for number in (2, 3, 7):
        reading = reader.read(patient(number))
        assert reading.error is None
        sides = {2: {0, 1}, 3: {0}, 7: {1}}[number]
        assert {one.category for one in reading.instances} == sides
        for one in reading.instances:
            assert one.labels["knee"] in ("native", "implant")
            assert (one.landmarks is None) == (one.labels["knee"] == "implant")


def test_a_film_hung_the_other_way_round_gives_the_other_sides(run):
    """Both halves are looked at by the same networks, so the points are mirrored and no others."""
    reader = load(run)
    reader.film = reader.film.model_copy(update={"flip": False})
    looks, film = reader.with_candidates(), patient(2)
    width = film.size[1]
    straight, turned = (
        {reading.class_name(one): one for one in reading.instances}
        for reading in (
            looks.read(film),
            looks.read(replace(film, image=np.ascontiguousarray(film.pixels[:, ::-1]))),
        )
    )
    assert set(straight) == set(turned) == set(KNEE_CLASSES)
    for name, other in (KNEE_CLASSES, KNEE_CLASSES[::-1]):
        one, mirrored = straight[name], turned[other]
        assert one.score == pytest.approx(mirrored.score, abs=0.02)
        assert one.labels == mirrored.labels
        if one.landmarks is not None:
            x, y = one.landmarks[:, :2].T
            assert np.abs(np.column_stack([width - 1 - x, y]) - mirrored.landmarks[:, :2]).max() < 1


def test_a_dicom_film_is_read_through_the_command_line(run, tmp_path, capsys):
    film = saved(
        tmp_path / "film.dcm",
        patient(2).pixels[..., 0],
        ImagerPixelSpacing=[1.5, 1.5],
        ImageLaterality="B",
    )
    out = tmp_path / "out"
    assert polyclinic("read", run, film, "--out", out) == 0
    [image] = json.loads((out / "readings.json").read_text())["images"]
    assert (image["spacing_mm"], image["spacing_source"]) == ([1.5, 1.5], "detector")
    assert PATIENT not in image["patient_id"]
    table = pd.read_csv(out / "measurements.csv")
    assert {"medial_joint_space_min", "joint_space_asymmetry"} <= set(table["name"])
    assert set(table["unit"].dropna()) <= {"mm", "1"}
    said = "".join(capsys.readouterr())
    written = b"".join(file.read_bytes() for file in out.rglob("*") if file.is_file())
    assert not any(secret.encode() in written + said.encode() for secret in SECRETS)


def test_it_is_judged_through_the_command_line(run, films, tmp_path):
    assert polyclinic("evaluate", run, "--data", films, "--out", tmp_path / "judged") == 0
    document = json.loads((tmp_path / "judged" / "metrics.json").read_text())
    names = {metric["name"] for metric in document["metrics"]}
    assert {name for name in Knee.headline if not name.endswith("_mae")} <= names
    assert (tmp_path / "judged" / "report.html").is_file()


@pytest.mark.slow
def test_folds_are_an_ensemble(films, tmp_path):
    out = tmp_path / "run"
    fit_folds("knee", films, out, TINY, folds=2)
    for stage in ("fold-1/locate", "fold-2/place"):
        assert (out / stage / "model.safetensors").is_file()
    gc.collect()
    assert polyclinic("evaluate", out, "--data", films) == 0
    metrics = json.loads((out / "metrics.json").read_text())
    assert (metrics["images"], len(metrics["folds"])) == (12, 2)
    reading = load(out).read(patient(2))
    assert reading.provenance["members"] == 2
    assert reading.error is None


def kill_at_step(step, monkeypatch, data, out):
    """Interrupt a training in its n-th step, counted over both stages."""
    steps, losses = count(1), Points.losses

    def interrupted(self, scene, targets):
        if next(steps) == step:
            raise KeyboardInterrupt
        return losses(self, scene, targets)

    with monkeypatch.context() as patch:
        patch.setattr(Points, "losses", interrupted)
        with pytest.raises(KeyboardInterrupt):
            fit("knee", data, out, TINY)
    gc.collect()  # A killed process lets go of its folder; this one does when nobody holds it.


@pytest.mark.parametrize(
    "step", [pytest.param(2, marks=pytest.mark.slow), 3, pytest.param(4, marks=pytest.mark.slow)]
)
def test_killed_and_resumed_equals_uninterrupted(run, films, tmp_path, monkeypatch, step):
    """Inside the first stage, between the two, inside the second."""
    out = tmp_path / "killed"
    kill_at_step(step, monkeypatch, films, out)
    fit("knee", films, out, TINY, resume=True)
    for stage in ("locate", "place"):
        mine, theirs = (read_tensors(one / stage / "model.safetensors")[0] for one in (out, run))
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(mine[name], theirs[name]) for name in mine)


def test_a_row_a_knee_is_data_too(films, run, tmp_path):
    table = open_cohort(as_table(tmp_path))
    document = open_cohort(films)
    grades = [
        [sorted(str(one.labels.get("kl")) for one in s.instances) for s in data.samples]
        for data in (table, document)
    ]
    assert grades[0] == grades[1]
    fit("knee", tmp_path / "films.csv", tmp_path / "run", TINY)
    assert load(tmp_path / "run").classes[0] in KNEE_CLASSES


@pytest.mark.slow
def test_many_points_may_start_from_one(films, tmp_path):
    """Low-cost labels: one point a knee; then all points from these weights."""
    folder = tmp_path / "low"
    folder.mkdir()
    low = as_table(folder, landmarks=("tibia_4",))
    fit("knee", low, tmp_path / "low-cost", TINY)
    reader = load(tmp_path / "low-cost")
    assert reader.landmark_schema.names == ("tibia_4",)
    reading = reader.read(patient(2))
    assert reading.measurements == ()
    console = Console(record=True, width=200)
    settings = TINY | {"init": tmp_path / "low-cost"}
    fit("knee", films, tmp_path / "high-cost", settings, console=console)
    said = console.export_text()
    assert "low-cost/locate" in said
    assert "low-cost/place" in said
    assert "new: tasks" in said
    low, high = (
        read_tensors(tmp_path / name / "place" / "model.safetensors")[1]["facts"]
        for name in ("low-cost", "high-cost")
    )
    assert len(low["landmark_schema"]["names"]) == 1
    assert len(high["landmark_schema"]["names"]) == 16


def one_class_too_many(data):
    return replace(data, classes=("right knee", "left knee", "ankle"))


def without_landmarks(data):
    samples = [
        replace(s, instances=tuple(replace(i, landmarks=None) for i in s.instances))
        for s in data.samples
    ]
    return replace(data, samples=tuple(samples))


def without_scale(data):
    samples = [replace(s, spacing=Spacing.unknown()) for s in data.samples[:3]]
    return replace(data, samples=(*samples, *data.samples[3:]))


def of_another_state(data):
    first, *others = data.samples
    knees = [replace(one, labels={"knee": "TKR"}) for one in first.instances]
    return replace(data, samples=(replace(first, instances=tuple(knees)), *others))


REFUSED = {
    one_class_too_many: r"classes right knee, left knee, ankle.*right knee and left knee",
    without_landmarks: r"no knee has landmarks.*tibia_0_x",
    without_scale: r"3 of 12 films have no physical scale.*film\.spacing_mm=0\.2",
    of_another_state: r"TKR.*native or implant",
}


@pytest.mark.parametrize("change", REFUSED, ids=lambda change: change.__name__)
@pytest.mark.parametrize("folds", [None, 2])
def test_what_teaches_nothing_leaves_no_folder(tmp_path, change, folds):
    data = as_coco(tmp_path, change)
    train = fit if folds is None else partial(fit_folds, folds=folds)
    split = TINY["data"]["split"] if folds is None else "auto"
    given = TINY | {"data": TINY["data"] | {"split": split}}
    with pytest.raises(DataError, match=REFUSED[change]):
        train("knee", data, tmp_path / "run", given)
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_stated_scale_is_enough(tmp_path):
    data = as_coco(tmp_path, without_scale)
    film = TINY["film"] | {"spacing_mm": 1.5}
    fit("knee", data, tmp_path / "run", TINY | {"film": film})
    reading = load(tmp_path / "run").read(replace(patient(2), spacing=Spacing.unknown()))
    assert reading.spacing == Spacing.square(1.5, "assumed")


def test_wrong_settings_leave_no_folder(films, tmp_path):
    with pytest.raises(ConfigError, match="half_m"):
        fit("knee", films, tmp_path / "run", TINY | {"film": {"half_m": 3}})
    with pytest.raises(RunError, match="is not a run"):
        fit("knee", films, tmp_path / "run", TINY | {"init": tmp_path / "none"})
    assert not (tmp_path / "run").exists()


def test_a_film_that_cannot_be_opened_is_named(tmp_path):
    data = as_coco(tmp_path)
    split = TINY["data"] | {"split": (0.7, 0.2, 0.1)}
    for file in tmp_path.glob("0*.png"):
        file.write_bytes(file.read_bytes()[:300])
    with pytest.raises(DataError, match=r"0\d\.png"):
        fit("knee", data, tmp_path / "run", TINY | {"data": split})
