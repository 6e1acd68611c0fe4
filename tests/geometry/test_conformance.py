"""Transform x annotation kind: what is painted must be found where the annotation moved to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.geometry import Homography, Size, move_sample
from polyclinic.sample import Instance, Mask, Sample

from .painting import Points, centroid, find_blobs, paint_blobs, paint_disc
from .transforms import CENTRE, EXACT, FRAME, TRANSFORMS, Transform

TOLERANCE = 0.1
transforms = pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
exact_transforms = pytest.mark.parametrize("transform", EXACT, ids=str)

# Whole pixels, so that discs painted there have exactly these centroids.
PLACES = np.array(
    [[160.0, 121], [262, 118], [211, 171], [157, 214], [259, 219], [190, 150], [233, 190]]
)


def _sigma(homography: Homography, target_pixels: float) -> float:
    """Blob size in the source that is not smaller than so many pixels in either frame."""
    return target_pixels / min(1.0, *np.linalg.svd(homography.jacobian_at(CENTRE))[1])


def _move(sample: Sample, homography: Homography, size: Size) -> Sample:
    return move_sample(sample, homography, size)


def _instance(places: Points, mask: Mask | None = None) -> Instance:
    box = np.concatenate([places.min(0), places.max(0)])
    landmarks = np.column_stack([places, np.full(len(places), 2.0)])
    return Instance(box=box, mask=mask, landmarks=landmarks)


def _moved_blobs(places: Points, homography: Homography, size: Size) -> tuple[Points, Instance]:
    """Where the pixels say that the places went, and what the moved annotation says."""
    found = []
    sigma = _sigma(homography, 2.5)
    for start in range(0, len(places), 3):
        part = places[start : start + 3]
        sample = Sample(image_id=0, size=FRAME, image=paint_blobs(FRAME, part, sigma))
        found.append(find_blobs(_move(sample, homography, size).pixels, len(part)))
    annotation = Sample(image_id=0, size=FRAME, instances=(_instance(places),))
    (moved,) = _move(annotation, homography, size).instances or ()
    return np.concatenate(found), moved


@exact_transforms
def test_image_moves_exactly(transform: Transform) -> None:
    image = np.random.default_rng(1).integers(0, 256, (*FRAME, 3), np.uint8)
    moved = _move(Sample(image_id=0, size=FRAME, image=image), transform.homography, transform.size)
    assert transform.exactly is not None
    np.testing.assert_array_equal(moved.pixels, transform.exactly(image))


@exact_transforms
def test_mask_moves_exactly_with_a_tight_box(transform: Transform) -> None:
    mask = Mask.from_array(np.random.default_rng(2).random(FRAME) < 0.01)
    sample = Sample(image_id=0, size=FRAME, instances=(Instance(box=mask.box(), mask=mask),))
    (moved,) = _move(sample, transform.homography, transform.size).instances or ()
    assert transform.exactly is not None
    assert moved.mask is not None
    expected = Mask.from_array(np.ascontiguousarray(transform.exactly(mask.array())))
    np.testing.assert_array_equal(moved.mask.array(), expected.array())
    np.testing.assert_array_equal(moved.box, expected.box())


@exact_transforms
def test_box_and_landmarks_move_exactly(transform: Transform) -> None:
    """A painted pixel of its own colour stays under its landmark and inside its one-pixel box."""
    image = np.arange(FRAME[0] * FRAME[1], dtype=np.float32).reshape(FRAME)[..., None].repeat(3, 2)
    instances = tuple(
        Instance(
            box=np.array([x - 0.5, y - 0.5, x + 0.5, y + 0.5]), landmarks=np.array([[x, y, 2]])
        )
        for x, y in PLACES
    )
    sample = Sample(image_id=0, size=FRAME, image=image, instances=instances)
    moved = _move(sample, transform.homography, transform.size)
    for (x, y), instance in zip(PLACES.astype(int), moved.instances or (), strict=True):
        assert instance.landmarks is not None
        (column, row, visibility) = instance.landmarks[0]
        assert visibility == 2
        assert moved.pixels[int(row), int(column), 0] == image[y, x, 0]
        np.testing.assert_array_equal(
            instance.box, [column - 0.5, row - 0.5, column + 0.5, row + 0.5]
        )


@transforms
def test_landmarks_stay_on_what_is_painted(transform: Transform) -> None:
    found, moved = _moved_blobs(PLACES, transform.homography, transform.size)
    assert moved.landmarks is not None
    assert np.abs(found - moved.landmarks[:, :2]).max() < TOLERANCE


@transforms
def test_box_is_the_hull_of_its_painted_corners(transform: Transform) -> None:
    (x1, y1), (x2, y2) = PLACES.min(0), PLACES.max(0)
    corners = np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]])
    found, moved = _moved_blobs(corners, transform.homography, transform.size)
    hull = np.concatenate([found.min(0), found.max(0)])
    assert np.abs(hull - moved.box).max() < TOLERANCE


@transforms
def test_masks_do_not_drift_from_the_image(transform: Transform) -> None:
    """A hard edge falls on whole pixels, so the drift is averaged over many discs."""
    radius = 6 * _sigma(transform.homography, 1)
    discs = [paint_disc(FRAME, (x, y), radius) for x, y in PLACES]
    sample = Sample(
        image_id=0,
        size=FRAME,
        instances=tuple(Instance(box=disc.box(), mask=disc) for disc in discs),
    )
    moved = _move(sample, transform.homography, transform.size).instances or ()
    masks = [one.mask for one in moved if one.mask is not None]
    assert len(masks) == len(discs)
    drift = np.array([centroid(mask) for mask in masks]) - transform.homography.points(PLACES)
    assert np.abs(drift.mean(0)).max() < TOLERANCE
    scale = np.array([transform.homography.scale_at((x, y)) for x, y in PLACES])
    areas = np.array([mask.area / disc.area for mask, disc in zip(masks, discs, strict=True)])
    assert np.abs(np.sqrt(areas) / scale - 1).max() < 0.12
    for one, mask in zip(moved, masks, strict=True):
        np.testing.assert_array_equal(one.box, mask.box())


@transforms
def test_the_way_back_is_the_inverse(transform: Transform) -> None:
    there = transform.homography.points(PLACES)
    np.testing.assert_allclose(transform.homography.inverse().points(there), PLACES, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    degrees=st.floats(-180, 180),
    log_scale=st.floats(np.log(1 / 5), np.log(2.5)),
    shear=st.floats(-0.4, 0.4),
    shift=st.tuples(st.floats(-20, 20), st.floats(-20, 20)),
    tilt=st.tuples(st.floats(-3e-4, 3e-4), st.floats(-3e-4, 3e-4)),
    mirrored=st.booleans(),
)
def test_any_homography_keeps_landmarks_on_the_image(
    degrees: float,
    log_scale: float,
    shear: float,
    shift: tuple[float, float],
    tilt: tuple[float, float],
    mirrored: bool,
) -> None:
    scale = float(np.exp(log_scale))
    size = (round(FRAME[0] * scale), round(FRAME[1] * scale))
    to_target = Homography.resize(FRAME, size)
    tilted = (
        Homography.translation(*CENTRE)
        @ Homography(np.array([[1, 0, 0], [0, 1, 0], [*tilt, 1]]))
        @ Homography.translation(-CENTRE[0], -CENTRE[1])
    )
    homography = to_target @ Homography.about(CENTRE, degrees=degrees, shear=shear, shift=shift)
    homography = homography @ tilted
    if mirrored:
        homography = homography @ Homography.mirror(FRAME[1])
    places = np.array([CENTRE, (CENTRE[0] + 23.4, CENTRE[1] - 17.7)])
    found, moved = _moved_blobs(places, homography, size)
    assert moved.landmarks is not None
    assert np.abs(found - moved.landmarks[:, :2]).max() < TOLERANCE
