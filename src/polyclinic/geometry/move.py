"""Move a whole sample, or what was found in it, through one homography."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from polyclinic.geometry.homography import Homography
from polyclinic.geometry.warp import Size, warp_image, warp_masks
from polyclinic.sample import Instance, Mask, Sample, Spacing
from polyclinic.schema import LandmarkSchema

KEPT = 0.5
"""Share of a mask's pixels below which what is left of it does not stand for it."""


def move_sample(
    sample: Sample, homography: Homography, size: Size, schema: LandmarkSchema | None = None
) -> Sample:
    """Resample image, sharp partner, masks, boxes and landmarks together into one frame.

    Instances that leave the frame are dropped, boxes are clipped (or taken anew from the moved
    mask, which is tighter). A mask of which less than half is left because it is thinner than the
    pixels of the frame is not known there: the instance keeps its box alone. Landmarks outside
    become not labelled, sides change places when the homography reflects, and the spacing follows
    (see `move_spacing`). The image as it was stored stays behind.
    """
    image, sharp = (
        None if pixels is None else warp_image(pixels, homography, size)
        for pixels in (sample.image, sample.sharp)
    )
    instances = sample.instances
    if instances is not None:
        moved = _move_instances(instances, homography, size, schema)
        instances = tuple(one for one in moved if one is not None)
    spacing = move_spacing(sample.spacing, homography)
    return replace(
        sample,
        image=image,
        deep=None,
        sharp=sharp,
        size=size,
        instances=instances,
        spacing=spacing,
    )


def move_instance(
    instance: Instance, homography: Homography, size: Size, schema: LandmarkSchema | None = None
) -> Instance | None:
    """Move one instance; None when nothing of it is left inside the frame."""
    return _move_instances([instance], homography, size, schema)[0]


def _move_instances(
    instances: Sequence[Instance], homography: Homography, size: Size, schema: LandmarkSchema | None
) -> list[Instance | None]:
    """Move the instances of one image; all masks at once, which saves most of the time."""
    masks = iter(
        warp_masks([one.mask for one in instances if one.mask is not None], homography, size)
    )
    order = schema.mirror_order if schema is not None and homography.reflects else None
    return [
        _moved(one, None if one.mask is None else next(masks), homography, size, order)
        for one in instances
    ]


def _moved(
    instance: Instance,
    mask: Mask | None,
    homography: Homography,
    size: Size,
    order: NDArray[np.intp] | None,
) -> Instance | None:
    """An instance with its moved mask, and its landmarks taken in another order, if any."""
    if instance.mask is not None and mask is not None:
        left = _left_of(instance.mask, mask, homography, size)
        if left is None:
            return None
        if left < KEPT:
            mask = None
    box = mask.box() if mask is not None else _clip(homography.boxes(instance.box[None])[0], size)
    if box[2] <= box[0] or box[3] <= box[1]:
        return None
    landmarks, confidence = instance.landmarks, instance.landmark_confidence
    if landmarks is not None:
        landmarks = move_landmarks(landmarks, homography, size)
        if order is not None:
            landmarks = landmarks[order]
            confidence = None if confidence is None else confidence[order]
    return replace(
        instance, box=box, mask=mask, landmarks=landmarks, landmark_confidence=confidence
    )


def move_landmarks(
    landmarks: NDArray[np.float64], homography: Homography, size: Size
) -> NDArray[np.float64]:
    """Move (K, 3) landmarks; those outside the frame become not labelled (all zero)."""
    xy = homography.points(landmarks[:, :2])
    inside = (xy >= -0.5).all(1) & (xy[:, 0] <= size[1] - 0.5) & (xy[:, 1] <= size[0] - 0.5)
    moved = np.column_stack([xy, landmarks[:, 2]])
    moved[~(inside & (landmarks[:, 2] > 0))] = 0
    return moved


def move_spacing(spacing: Spacing, homography: Homography) -> Spacing:
    """Size of a pixel after the move; unknown where one row and one column size can't say it.

    A shear, a perspective, or a turn of oblong pixels leaves no single size along rows and
    columns: lengths are then refused, not guessed.
    """
    if not spacing.known:
        return spacing
    matrix = homography.matrix
    to_mm = np.diag([spacing.column_mm, spacing.row_mm]) @ np.linalg.inv(matrix[:2, :2])
    metric = to_mm.T @ to_mm
    column, row = np.sqrt(np.diag(metric))
    skew = abs(metric[0, 1]) > 1e-9 * column * row
    if skew or matrix[2, :2].any():
        return Spacing.unknown()
    return Spacing(row_mm=float(row), column_mm=float(column), origin=spacing.origin)


def _left_of(mask: Mask, moved: Mask, homography: Homography, size: Size) -> float | None:
    """Which share of a mask's pixels inside the new frame is painted there; None: it left it.

    Args:
        mask: before the move.
        moved: after it.
        homography: the move.
        size: (height, width) of the new frame.
    """
    height, width = mask.shape
    scale = homography.scale_at((mask.left + width / 2, mask.top + height / 2)) ** 2
    if moved.area and moved.area >= KEPT * mask.area * scale:
        return 1.0
    rows, columns = np.nonzero(mask.patch)
    xy = homography.points(np.column_stack([columns + mask.left, rows + mask.top]).astype(float))
    inside = ((xy >= -0.5) & (xy <= np.array([size[1], size[0]]) - 0.5)).all(1).sum()
    if not moved.area and inside < len(xy) and inside * scale < 1:
        return None
    return float(moved.area / (inside * scale)) if inside else 1.0


def _clip(box: NDArray[np.float64], size: Size) -> NDArray[np.float64]:
    limits = np.array([size[1], size[0], size[1], size[0]]) - 0.5
    return np.clip(box, -0.5, limits)
