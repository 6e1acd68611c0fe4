"""The BoneFinder example puts the points of both knees on what they mark."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.data import check_cohort, open_cohort
from polyclinic.errors import DataError
from polyclinic.schema import KNEE_CLASSES, KNEE_LANDMARKS
from tests.data.dicom.made import saved

SCRIPT = Path(__file__).parents[3] / "examples" / "knee" / "bonefinder_to_csv.py"
ROW_MM, COLUMN_MM = 0.25, 0.125
HEIGHT, WIDTH = 120, 300
TIBIA_FROM, FEMUR_FROM = 47, 12


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("bonefinder_to_csv", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_points(path, points, count=None):
    lines = [f"{x!r} {y!r}" for x, y in points]
    head = ["version: 1", f"n_points: {len(points) if count is None else count}", "{"]
    path.write_text("\n".join([*head, *lines, "}"]) + "\n")


def contour(tibia, femur):
    """The 74 points of a contour in mm, those of other indices far away."""
    points = np.full((74, 2), 9999.0)
    points[TIBIA_FROM : TIBIA_FROM + 18 : 2] = tibia
    points[FEMUR_FROM : FEMUR_FROM + 14 : 2] = femur
    return (points * (COLUMN_MM, ROW_MM)).tolist()


def film_of(tmp_path, *, name="001.dcm", spacing=(ROW_MM, COLUMN_MM)):
    """A film with marked pixels, a file of points for each knee, and the pixels."""
    left = [(200 - 2 * n, 40 + n) for n in range(9)], [(198 - 2 * n, 20 + n) for n in range(7)]
    right = [(50 + 2 * n, 41 + n) for n in range(9)], [(52 + 2 * n, 21 + n) for n in range(7)]
    pixels = np.zeros((HEIGHT, WIDTH), np.uint16)
    for part in (*left, *right):
        for x, y in part:
            pixels[y, x] = 60000
    tags = {"ImagerPixelSpacing": list(spacing)} if spacing else {}
    saved(tmp_path / name, pixels, **tags)
    write_points(tmp_path / "001.pts", contour(*left))
    # The right knee was found on the mirrored film.
    mirrored = [[(WIDTH - 1 - x, y) for x, y in part] for part in right]
    write_points(tmp_path / "001_f.pts", contour(*mirrored))
    return right, left


def test_landmarks_lie_on_what_they_mark(example, tmp_path):
    right, left = film_of(tmp_path)
    (tmp_path / "out").mkdir()
    out = tmp_path / "out" / "knees.csv"
    assert example.write_table(tmp_path, tmp_path, out) == 2
    cohort = open_cohort(out)
    assert cohort.classes == KNEE_CLASSES
    assert cohort.landmark_schema == KNEE_LANDMARKS
    sample = cohort.load(0)
    found = {knee.category: knee.landmarks for knee in sample.instances}
    for category, (tibia, femur) in enumerate((right, left)):
        assert found[category].tolist() == [[x, y, 2] for x, y in (*tibia, *femur)]
        x, y = found[category][:, :2].astype(int).T
        assert (sample.pixels[y, x] == 255).all()
    assert sample.spacing.origin == "detector"
    assert not check_cohort(out).count("error")


def test_one_knee_is_enough(example, tmp_path):
    film_of(tmp_path)
    (tmp_path / "001_f.pts").unlink()
    assert example.write_table(tmp_path, tmp_path, tmp_path / "knees.csv") == 1


def test_knees_in_the_wrong_files_are_refused(example, tmp_path):
    film_of(tmp_path)
    mirrored = example.read_points(tmp_path / "001.pts") * (-1, 1)
    write_points(tmp_path / "001.pts", mirrored.tolist())
    with pytest.raises(DataError, match=r"001.pts: the tibia of the left knee runs from medial"):
        example.write_table(tmp_path, tmp_path, tmp_path / "knees.csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "001.pts: is no list of points"),
        ("version: 1\nn_points: x\n{\n}\n", "is no list of points"),
        ("version: 1\nn_points: 1\n{\n1 2\n", "is no list of points"),
        ("version: 1\nn_points: 1\n{\n1 2\n}\n", "holds 1 points; expected 1, as n_points says"),
        ("version: 1\nn_points: 2\n{\n1 2\n3\n}\n", "001.pts, line 5: '3' is no point"),
        ("version: 1\nn_points: 1\n{\n1 nan\n}\n", "line 4: '1 nan' is no point"),
    ],
)
def test_what_is_no_list_of_points_is_refused(example, tmp_path, text, words):
    film_of(tmp_path)
    (tmp_path / "001.pts").write_text(text)
    with pytest.raises(DataError) as caught:
        example.write_table(tmp_path, tmp_path, tmp_path / "knees.csv")
    assert words in str(caught.value)


def test_a_film_without_scale_is_refused(example, tmp_path):
    film_of(tmp_path, spacing=None)
    with pytest.raises(DataError, match="has no spacing"):
        example.write_table(tmp_path, tmp_path, tmp_path / "knees.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no points of the films"):
        example.write_table(tmp_path, tmp_path / "empty", tmp_path / "knees.csv")


@settings(max_examples=50)
@given(
    points=st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=64, max_size=90)
)
def test_points_are_read_as_written(example, tmp_path_factory, points):
    path = tmp_path_factory.mktemp("points") / "1.pts"
    write_points(path, points)
    assert example.read_points(path).tolist() == [list(point) for point in points]
