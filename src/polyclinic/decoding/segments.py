"""One region a class, from maps of probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_fill_holes

from polyclinic.decoding.decoder import Decoder, Found, ReadingBuilder, refuse_second
from polyclinic.geometry import Homography, Size, warp_image
from polyclinic.sample import Mask

CUT = 0.5
STABLE = (0.3, 0.7)
"""Cuts between which a stable region hardly changes."""

Parts = Literal["all", "largest"]


class SegmentDecoder(Decoder):
    """Writes an instance a class that was found.

    Args:
        parts: keep all connected parts, or the largest.
        fill_holes: count holes as region.
        not_taught: rows of the classes that are not read, for no mask of one was trained on.
    """

    parts: Parts
    fill_holes: bool
    not_taught: tuple[int, ...] = ()

    def decode(self, found: Found, draft: ReadingBuilder) -> None:
        """Write one instance a class that was found, most stable first.

        Args:
            found: `probabilities` (C, h, w) in network pixels.
            draft: gets the instances.

        Raises:
            ConfigError: another task of the network has written instances already.
        """
        refuse_second(
            draft, "segments", "instances with masks, or one region a class with segments"
        )
        instances = []
        for category, shares in enumerate(found["probabilities"].astype(np.float32)):
            if category in self.not_taught:
                continue
            region = find_region(
                shares,
                draft.to_network,
                draft.sample.size,
                parts=self.parts,
                fill_holes=self.fill_holes,
            )
            if region is not None:
                mask, score = region.mask, region.score
                instances.append(
                    {"box": mask.box(), "category": category, "mask": mask, "score": score}
                )
        draft.instances = sorted(instances, key=lambda values: -values["score"])


@dataclass(frozen=True, eq=False, kw_only=True)
class Region:
    """One class found in an image.

    Args:
        mask: its pixels, at least one.
        score: how little the mask changes with the cut, 0 to 1.
    """

    mask: Mask
    score: float


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
