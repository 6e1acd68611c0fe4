"""Masks of one image painted together, in the smallest frame that holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from polyclinic.errors import DataError
from polyclinic.metrics.segmentation.overlap import Region
from polyclinic.sample import Mask


@dataclass(frozen=True, eq=False)
class Frame:
    """A rectangle of pixels: rows `top` to `bottom`, columns `left` to `right`, ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @classmethod
    def around(cls, masks: Iterable[Mask]) -> Frame:
        """The smallest one that holds all patches; of no pixels when there are none."""
        boxes = [
            (m.top, m.top + m.shape[0], m.left, m.left + m.shape[1])
            for m in masks
            if 0 not in m.shape
        ]
        if not boxes:
            return cls(0, 0, 0, 0)
        tops, bottoms, lefts, rights = zip(*boxes, strict=True)
        return cls(min(tops), max(bottoms), min(lefts), max(rights))

    def paint(self, masks: Iterable[Mask]) -> Region:
        """(bottom - top, right - left) the union of masks, cut to this frame."""
        union = np.zeros((self.bottom - self.top, self.right - self.left), bool)
        for mask in masks:
            height, width = mask.shape
            top, bottom = max(mask.top, self.top), min(mask.top + height, self.bottom)
            left, right = max(mask.left, self.left), min(mask.left + width, self.right)
            if top < bottom and left < right:
                union[top - self.top : bottom - self.top, left - self.left : right - self.left] |= (
                    mask.patch[
                        top - mask.top : bottom - mask.top, left - mask.left : right - mask.left
                    ]
                )
        return union


@dataclass(frozen=True, eq=False)
class Unions:
    """Everything annotated and everything found in one image, in one frame.

    Args:
        frame: where they lie in the image.
        true: annotated pixels, crowds left out.
        read: found pixels, crowds left out.
    """

    frame: Frame
    true: Region
    read: Region


def shared_frame(first: Mask, second: Mask) -> tuple[Region, Region]:
    """Two masks as arrays of the smallest frame that holds both.

    Raises:
        DataError: they do not belong to images of the same size.
    """
    if first.size != second.size:
        raise DataError(
            f"one mask lies in a frame of {first.size}, the other in {second.size}",
            expected="two of the same size",
        )
    both = Frame.around([first, second])
    return both.paint([first]), both.paint([second])
