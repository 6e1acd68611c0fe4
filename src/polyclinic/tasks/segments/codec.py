"""Annotated instances to one map a class; `polyclinic.decoding.segments` is the way back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polyclinic.geometry import Size
from polyclinic.sample import Instance


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
