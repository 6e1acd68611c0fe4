"""What the training part can't teach is not read, not measured and not judged, and is named."""

from dataclasses import replace
from io import StringIO

import cv2
import numpy as np
import pytest
from rich.console import Console

from polyclinic.data import Cohort, write_coco
from polyclinic.errors import DataError
from polyclinic.evaluation.evaluate import evaluate
from polyclinic.fitting.fit import fit
from polyclinic.fitting.fit_folds import fit_folds
from polyclinic.runs.load import load
from polyclinic.sample import Instance, Mask, Sample, Spacing
from polyclinic.schema import LandmarkSchema

SIZE = (48, 64)
SCHEMA = LandmarkSchema(names=("tip", "heel", "toe"))
TINY = {
    "data": {"frame": {"longest": 64}, "split": "file"},
    "model": {"encoder": "test_resnet", "pyramid_channels": 16},
    "train": {"steps": 2, "batch_size": 2, "warmup_steps": 1, "workers": 0},
}
PARTS = ("train", "train", "val", "test", "test")


def ellipse(axes, number):
    canvas = cv2.ellipse(np.zeros(SIZE, np.uint8), (30, 22), axes, 20 * number, 0, 360, 1, -1)
    return Mask.from_array(canvas > 0)


def written(folder, instances, parts=PARTS, **names):
    """A data set of grey images; `instances` says what is on the image of a number and part."""
    folder.mkdir(exist_ok=True)
    samples = []
    for number, part in enumerate(parts):
        file = folder / f"{number}.png"
        noise = np.random.default_rng(number).integers(60, 200, (*SIZE, 3))
        cv2.imwrite(str(file), noise.astype(np.uint8))
        samples.append(
            Sample(
                image_id=number,
                size=SIZE,
                file=str(file),
                patient_id=str(number),
                spacing=Spacing.square(0.5, "calibrated"),
                instances=tuple(instances(number, part)),
                extra={"split": part},
            )
        )
    cohort = Cohort(samples=tuple(samples), **names)
    write_coco(cohort, folder / "data.json")
    return folder / "data.json", cohort


def trained(recipe, data, out, **settings):
    said = StringIO()
    fitted = fit(recipe, data, out, TINY | settings, console=Console(file=said, width=300))
    return fitted, said.getvalue()


def regions(number, part):
    """A disc everywhere; a cup in the test part alone."""
    disc, cup = ellipse((24, 16), number), ellipse((8, 6), number)
    yield Instance(box=disc.box(), category=0, mask=disc)
    if part == "test":
        yield Instance(box=cup.box(), category=1, mask=cup)


def test_a_region_that_only_the_test_part_shows(tmp_path):
    data, _ = written(tmp_path / "data", regions, classes=("disc", "cup"))
    fitted, said = trained("segment", data, tmp_path / "run", segments={"width": 16})
    assert "class 'cup'" in said
    assert any("'cup'" in line for line in fitted.left_out)
    judged = evaluate(tmp_path / "run", data)
    for _, reading in judged.reported:
        assert all(one.category == 0 for one in reading.instances)
        assert not any(one.name.startswith("cup") for one in reading.measurements)
        assert reading.provenance["not_read"] == {"classes": ["cup"]}
    assert not [one.name for one in judged.metrics if "cup" in one.name]
    for sample, _ in judged.reported:
        assert [one.crowd for one in sample.instances] == [False, True]


def loops(number, part):
    """A box everywhere; its outline and its landmarks in the test part alone."""
    mask = ellipse((20, 12), number)
    known = {}
    if part == "test":
        points = np.array([[30.0, 10, 2], [20, 30, 2], [40, 30, 2]])
        known = {"mask": mask, "landmarks": points}
    yield Instance(box=mask.box(), category=0, **known)


def test_kinds_that_only_the_test_part_has_are_not_trained(tmp_path):
    data, _ = written(tmp_path / "data", loops, classes=("loop",), landmark_schema=SCHEMA)
    _, said = trained("nailfold", data, tmp_path / "run")
    assert "masks: no image to train on has a mask" in said
    assert "landmarks: no image to train on has landmarks" in said
    reader = load(tmp_path / "run")
    assert [task.name for task in reader.task_list] == ["instances"]
    assert reader.landmark_schema is None
    judged = evaluate(tmp_path / "run", data)
    names = {one.name for one in judged.metrics if one.value is not None}
    assert not {name for name in names if name.startswith(("mask_", "landmark", "pck"))}
    assert all(one.landmarks is None for _, r in judged.reported for one in r.instances)


def feet(number, part):
    """The toe is labelled in the test part alone."""
    points = np.array([[30.0, 10, 2], [20, 30, 2], [40, 30, 2 if part == "test" else 0]])
    yield Instance(box=np.array([10.0, 4, 50, 40]), category=0, landmarks=points)


@pytest.fixture(scope="module")
def foot(tmp_path_factory):
    folder = tmp_path_factory.mktemp("feet")
    data, cohort = written(folder / "data", feet, classes=("foot",), landmark_schema=SCHEMA)
    pairs = (("tip", "toe"), ("tip", "heel"))
    settings = {"distances": pairs}
    _, said = trained("landmarks", data, folder / "run", **settings)
    return folder / "run", data, cohort, said


def test_a_landmark_that_was_labelled_nowhere_has_no_place(foot):
    run, data, cohort, said = foot
    assert "landmark 'toe': no training image has it labelled; it is not read" in said
    reader = load(run)
    reader.accept = 0.0
    reading = reader.read(cohort.samples[3].file, spacing=Spacing.square(0.5, "assumed"))
    (one,) = reading.instances
    assert one.landmarks[:, 2].tolist() == [2, 2, 0]
    assert one.landmark_confidence[2] == 0
    made = {m.name: m for m in reading.measurements}
    assert made["tip_to_toe"].value is None
    assert made["tip_to_toe"].flags == ("landmark-not-taught: toe",)
    assert made["tip_to_heel"].value > 0
    judged = evaluate(run, data, accept=0.0)
    computed = {one.name for one in judged.metrics if one.value is not None}
    assert "tip_to_heel_mae" in computed
    assert not [name for name in computed if "toe" in name]


def test_landmarks_in_another_order_are_judged_as_in_their_own(foot, tmp_path):
    """And those of another organ are refused."""
    run, data, cohort, _ = foot
    turned = [2, 0, 1]
    samples = tuple(
        replace(s, instances=tuple(replace(o, landmarks=o.landmarks[turned]) for o in s.instances))
        for s in cohort.samples
    )
    schema = LandmarkSchema(names=tuple(SCHEMA.names[row] for row in turned))
    other = replace(cohort, samples=samples, landmark_schema=schema)
    write_coco(other, tmp_path / "turned.json")
    first = evaluate(run, data, part="all")
    second = evaluate(run, tmp_path / "turned.json")
    values = [{m.name: m.value for m in one.metrics} for one in (first, second)]
    assert values[0] == pytest.approx(values[1], nan_ok=True)
    assert values[0]["only_object_error_mean"] is not None
    write_coco(
        replace(other, landmark_schema=LandmarkSchema(names=("a", "b", "c"))),
        tmp_path / "other.json",
    )
    with pytest.raises(DataError, match="landmarks a, b, c"):
        evaluate(run, tmp_path / "other.json")


def test_each_fold_knows_what_its_own_part_taught(tmp_path):
    """The cup is on one image: the fold that holds it out was never taught it."""

    def some(number, part):
        yield from regions(number, "test" if number == 0 else "train")

    data, _ = written(tmp_path / "data", some, ("train",) * 6, classes=("disc", "cup"))
    settings = TINY | {"data": {"frame": {"longest": 64}}, "segments": {"width": 16}}
    fit_folds("segment", data, tmp_path / "run", settings, folds=3)
    missing = [load(tmp_path / "run" / f"fold-{n}").provenance.get("not_read") for n in (1, 2, 3)]
    assert {"classes": ["cup"]} in missing
    judged = evaluate(tmp_path / "run", data)
    held = next(sample for sample, _ in judged.reported if sample.image_id == 0)
    assert [one.crowd for one in held.instances] == [False, True]
    assert load(tmp_path / "run").classes == ("disc", "cup")
