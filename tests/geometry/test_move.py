from __future__ import annotations

import math

import numpy as np
import pytest

from polyclinic.geometry import Homography, move_instance, move_sample, move_spacing
from polyclinic.sample import Instance, Mask, Sample, Spacing
from polyclinic.schema import LandmarkSchema

SCHEMA = LandmarkSchema(names=("tip", "left", "right"), swaps=(("left", "right"),))
LANDMARKS = np.array([[20.0, 5, 2], [12, 30, 1], [28, 31, 2]])
SIZE = (40, 50)


def _instance(**changes: object) -> Instance:
    fields = {"box": np.array([10.0, 4, 30, 35]), "landmarks": LANDMARKS} | changes
    return Instance(**fields)


def _move(homography: Homography, instance: Instance | None = None) -> Instance:
    moved = move_instance(instance or _instance(), homography, SIZE, SCHEMA)
    assert moved is not None
    return moved


@pytest.mark.parametrize("flip", [Homography.mirror(SIZE[1]), Homography.upend(SIZE[0])])
def test_a_reflection_swaps_sides_and_two_are_none(flip: Homography) -> None:
    confidence = np.array([0.9, 0.2, 0.7])
    once = _move(flip, _instance(landmark_confidence=confidence))
    np.testing.assert_array_equal(once.landmarks[:, 2], [2, 2, 1])
    np.testing.assert_array_equal(once.landmark_confidence, [0.9, 0.7, 0.2])
    np.testing.assert_array_equal(once.landmarks[1, :2], flip.points(LANDMARKS[2, :2]))
    twice = _move(flip, once)
    np.testing.assert_array_equal(twice.landmarks, LANDMARKS)
    np.testing.assert_array_equal(twice.box, _instance().box)
    np.testing.assert_array_equal(twice.landmark_confidence, confidence)


@pytest.mark.parametrize(
    "turn",
    [
        Homography.quarter_turns(2, SIZE),
        Homography.about((24.5, 19.5), degrees=180),
        Homography.mirror(SIZE[1]) @ Homography.upend(SIZE[0]),
    ],
)
def test_half_a_turn_does_not_swap(turn: Homography) -> None:
    moved = _move(turn)
    np.testing.assert_allclose(moved.landmarks[:, :2], turn.points(LANDMARKS[:, :2]))
    np.testing.assert_array_equal(moved.landmarks[:, 2], LANDMARKS[:, 2])


def test_without_a_schema_nothing_swaps() -> None:
    moved = move_instance(_instance(), Homography.mirror(SIZE[1]), SIZE)
    assert moved is not None
    np.testing.assert_array_equal(moved.landmarks[:, 2], LANDMARKS[:, 2])


def test_landmarks_outside_or_not_labelled_become_zero() -> None:
    landmarks = np.array([[20.0, 5, 2], [-0.4, 30, 2], [28, 31, 0]])
    moved = _move(Homography.translation(-0.2, 0), _instance(landmarks=landmarks))
    np.testing.assert_allclose(moved.landmarks, [[19.8, 5, 2], [0, 0, 0], [0, 0, 0]])


def test_a_box_is_clipped_to_the_frame() -> None:
    moved = _move(Homography.translation(25, 10))
    np.testing.assert_array_equal(moved.box, [35, 14, 49.5, 39.5])


def test_what_left_the_frame_is_dropped_and_what_is_absent_stays_absent() -> None:
    sample = Sample(image_id=1, size=SIZE, instances=(_instance(),))
    far = Homography.translation(500, 0)
    assert move_sample(sample, far, SIZE).instances == ()
    assert move_sample(Sample(image_id=1, size=SIZE), far, SIZE).instances is None


def test_the_box_follows_the_mask_not_the_old_box() -> None:
    array = np.zeros(SIZE, bool)
    array[10:20, 15:25] = True
    instance = Instance(box=np.array([0.0, 0, 49, 39]), mask=Mask.from_array(array))
    np.testing.assert_array_equal(
        _move(Homography.mirror(SIZE[1]), instance).box, [24.5, 9.5, 34.5, 19.5]
    )


@pytest.mark.parametrize(
    ("homography", "row", "column"),
    [
        (Homography.resize((40, 50), (80, 25)), 0.001, 0.008),
        (Homography.quarter_turns(1, SIZE), 0.004, 0.002),
        (Homography.mirror(50), 0.002, 0.004),
    ],
)
def test_spacing_follows(homography: Homography, row: float, column: float) -> None:
    spacing = Spacing(row_mm=0.002, column_mm=0.004, origin="calibrated")
    moved = move_spacing(spacing, homography)
    assert moved.row_mm == pytest.approx(row)
    assert moved.column_mm == pytest.approx(column)
    assert moved.origin == "calibrated"


def test_a_turned_square_pixel_keeps_lengths() -> None:
    turn = Homography.about((20, 20), degrees=33, scale=2.5)
    start, end = np.array([3.0, 4.0]), np.array([40.0, 22.0])
    spacing = Spacing.square(0.0017, "detector")
    moved = move_spacing(spacing, turn)
    assert moved.length_um(turn.points(start), turn.points(end)) == pytest.approx(
        spacing.length_um(start, end)
    )


@pytest.mark.parametrize(
    "homography",
    [
        Homography.about((0, 0), shear=0.2),
        Homography.about((0, 0), degrees=30),
        Homography(np.array([[1, 0, 0], [0, 1, 0], [1e-4, 0, 1]])),
    ],
)
def test_spacing_that_has_no_rows_and_columns_any_more_is_unknown(homography: Homography) -> None:
    oblong = Spacing(row_mm=0.002, column_mm=0.004, origin="calibrated")
    moved = move_sample(Sample(image_id=1, size=SIZE, spacing=oblong), homography, SIZE)
    assert not moved.spacing.known
    assert math.isnan(moved.spacing.row_mm)


def test_outlines_move_with_the_rest() -> None:
    line = np.array([[1.0, 2.0], [3.0, 5.0]])
    instance = Instance(box=np.array([0.0, 0, 9, 9]), outlines={"rim": line})
    moved = move_instance(instance, Homography.translation(2, 1), (20, 20))
    assert moved is not None
    np.testing.assert_allclose(moved.outlines["rim"], line + np.array([2, 1]))
