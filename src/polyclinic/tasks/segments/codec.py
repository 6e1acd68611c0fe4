"""Annotated instances to one map a class, and maps of probabilities to regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_fill_holes

from polyclinic.geometry import Homography, Size, warp_image
from polyclinic.sample import Instance, Mask

CUT = 0.5
STABLE = (0.3, 0.7)
"""Cuts between which a stable region hardly changes."""

Parts = Literal["all", "largest"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Region:
    """One class found in an image.

    Args:
        mask: its pixels, at least one.
        score: how little the mask changes with the cut, 0 to 1.
    """

    mask: Mask
    score: float


def class_maps(
    instances: Sequence[Instance] | None, size: Size, classes: int
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The union of the masks of each class, and for which classes it is known.

    A class is known where somebody looked and every object of it has a mask. An object without a
    class name may be of any class, so none is known beside it.

    Args:
        instances: None when nobody looked.
        size: (height, width).
        classes: their number C.

    Returns:
        (C, height, width) of 0 and 1, and (C,).
    """
    maps = np.zeros((classes, *size), np.uint8)
    known = np.full(classes, instances is not None)
    for one in instances or ():
        if one.category is None:
            known[:] = False
        elif one.mask is None:
            known[one.category] = False
        else:
            height, width = one.mask.patch.shape
            rows = slice(one.mask.top, one.mask.top + height)
            columns = slice(one.mask.left, one.mask.left + width)
            maps[one.category, rows, columns] |= one.mask.patch
    return maps, known


def find_region(
    probabilities: NDArray[np.float32],
    to_network: Homography,
    size: Size,
    *,
    parts: Parts,
    fill_holes: bool,
) -> Region | None:
    """Cut a map of probabilities at one half in original pixels; None where nothing is left.

    Args:
        probabilities: (h, w) in network pixels.
        to_network: original to network pixels.
        size: (height, width) of the original image.
        parts: keep all connected parts, or the largest.
        fill_holes: count holes as region.
    """
    shares = warp_image(probabilities, to_network.inverse(), size)
    mask = Mask.from_array(shares >= CUT)
    if not mask.area:
        return None
    patch = mask.patch
    if parts == "largest":
        patch = _largest_part(patch)
    if fill_holes:
        patch = binary_fill_holes(patch)
    return Region(mask=_trimmed(patch, mask), score=stability(np.asarray(shares)))


def stability(shares: NDArray[np.float32]) -> float:
    """Intersection over union of the regions from 0.7 and from 0.3 on; 0 where both are empty.

    One lies inside the other, so this is the share of their pixels.

    Source: the stable masks of Kirillov et al., "Segment Anything", ICCV 2023, section 4.
    """
    wide, narrow = (int(np.count_nonzero(shares >= cut)) for cut in STABLE)
    return narrow / wide if wide else 0.0


def _largest_part(patch: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The connected part (corners connect) with the most pixels."""
    _, labels, table, _ = cv2.connectedComponentsWithStats(patch.astype(np.uint8))
    largest = 1 + int(table[1:, cv2.CC_STAT_AREA].argmax())
    return np.asarray(labels == largest)


def _trimmed(patch: NDArray[np.bool_], place: Mask) -> Mask:
    """A changed patch of a mask, cut to what is set."""
    tight = Mask.from_array(patch)
    return Mask(tight.patch, place.left + tight.left, place.top + tight.top, place.size)
