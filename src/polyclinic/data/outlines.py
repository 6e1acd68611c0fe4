"""Drawn shapes to masks; coordinates count from the corner of the first pixel.

A box says where an object is, not which pixels are its own: no shape that is a box, straight or
turned, becomes a mask.
"""

from __future__ import annotations

import base64
import binascii
import io
import math
import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from polyclinic.errors import DataError
from polyclinic.sample import Mask

Size = tuple[int, int]
Box = NDArray[np.float64]

_PNG = "a PNG image in base64, as large as its box"


def ellipse_mask(
    centre: tuple[float, float], axes: tuple[float, float], turn: float, size: Size
) -> Mask:
    """The pixels whose middle lies in an ellipse.

    Args:
        centre: x, y from the image's corner.
        axes: half its length along x and along y, before it is turned.
        turn: radians from x towards y.
        size: (height, width) of the image.

    Raises:
        DataError: an axis is not above 0, or the ellipse lies far outside the image.
    """
    if min(axes) <= 0:
        raise DataError(f"an axis is {min(axes):g}", expected="above 0")
    if max(*map(abs, centre), *axes) > 10 * max(size):
        raise DataError(
            "lies far outside the image", expected=f"numbers within {size[1]} x {size[0]} pixels"
        )
    y, x = np.ogrid[0.5 : size[0], 0.5 : size[1]]
    dx, dy = x - centre[0], y - centre[1]
    along = dx * math.cos(turn) + dy * math.sin(turn)
    across = dy * math.cos(turn) - dx * math.sin(turn)
    return Mask.from_array((along / axes[0]) ** 2 + (across / axes[1]) ** 2 <= 1)


def placed_mask(encoded: object, corners: Sequence[float], size: Size) -> Mask:
    """The `mask` shape of labelme: a picture of the object in the box whose corners are given.

    Both corners are pixels of the box, so that it is one pixel wider than they are apart
    (`labelme.utils.shape_to_mask`); a picture that leaves the last pixel out is taken too.

    Args:
        encoded: a PNG file in base64; everything above 0 is the object.
        corners: x1, y1, x2, y2, pixel numbers.
        size: (height, width) of the image.

    Raises:
        DataError: there is no picture, it is not as large as its box, or lies outside the image.
    """
    picture = _decoded(encoded)
    (left, right), (top, bottom) = (sorted(map(round, corners[axis::2])) for axis in (0, 1))
    height, width = picture.shape
    if width not in (right - left + 1, right - left) or height not in (
        bottom - top + 1,
        bottom - top,
    ):
        raise DataError(
            f"its mask has {width} x {height} pixels",
            expected=f"{right - left + 1} x {bottom - top + 1}, as its box",
        )
    full = np.zeros((size[0] + 2 * height, size[1] + 2 * width), bool)
    row, column = top + height, left + width
    if not (0 <= row <= size[0] + height and 0 <= column <= size[1] + width):
        raise DataError("its mask lies outside the image", expected="pixels of the image")
    full[row : row + height, column : column + width] = picture
    return Mask.from_array(full[height : height + size[0], width : width + size[1]])


def _decoded(encoded: object) -> NDArray[np.bool_]:
    if not isinstance(encoded, str) or not encoded:
        raise DataError("holds no mask", expected=_PNG)
    try:
        data = base64.b64decode(encoded, validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                values = np.asarray(image.convert("L") if image.mode != "L" else image)
    except (binascii.Error, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise DataError("its mask can't be decoded", expected=_PNG) from None
    return values > 0


def united(masks: Sequence[Mask]) -> Mask:
    """The parts of one object as one mask.

    Args:
        masks: one or more, in one frame.
    """
    if len(masks) == 1:
        return masks[0]
    full = masks[0].array()
    for mask in masks[1:]:
        full |= mask.array()
    return Mask.from_array(full)


def hull_box(points: Sequence[float], size: Size) -> Box:
    """(4,) edges of the straight box around points, clipped to the image, in our frame.

    Args:
        points: x1, y1, x2, y2, ... from the image's corner.
        size: (height, width) of the image.

    Raises:
        DataError: it holds no part of the image.
    """
    xy = np.array(points, float).reshape(-1, 2) - 0.5
    edges = np.array([size[1], size[0]] * 2) - 0.5
    box: Box = np.clip(np.concatenate([xy.min(0), xy.max(0)]), -0.5, edges)
    if not (box[2:] > box[:2]).all():
        raise DataError(
            "holds no part of the image", expected=f"a box within {size[1]} x {size[0]} pixels"
        )
    return box
