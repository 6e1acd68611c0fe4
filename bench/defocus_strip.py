"""Some fields before and after, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.figure import Values

TIMES = 3
HEAD = 22


def chosen_fields(
    apart: Values, fields: Sequence[str], stacks: Sequence[str], sharp: Values, count: int
) -> list[int]:
    """The image of each field that is nearest to what is to be shown.

    Fields that vary most in focus come first; stacks take turns, so that each is shown.

    Args:
        apart: (N,) how far each image is from what is to be shown.
        fields: of each image.
        stacks: of each image.
        sharp: (N, H, W) in focus.
        count: how many; fewer where there are fewer fields.
    """
    nearest: dict[str, int] = {}
    for row in np.argsort(apart, kind="stable").tolist():
        nearest.setdefault(fields[row], row)
    turns: Counter[str] = Counter()
    order = []
    for row in sorted(nearest.values(), key=lambda row: -sharp[row].var()):
        order.append((turns[stacks[row]], len(order), row))
        turns[stacks[row]] += 1
    return [row for _, _, row in sorted(order)[:count]]


def strip(columns: dict[str, Values]) -> NDArray[np.uint8]:
    """A row a field and a column a method, with names above; grey.

    Each row is stretched from black to white as its sharp image (the last column) asks.

    Args:
        columns: (K, H, W) by name.
    """
    *_, sharp = columns.values()
    black, white = sharp.min((1, 2)), np.quantile(sharp, 0.998, axis=(1, 2))
    shown = []
    for name, images in columns.items():
        stretched = (images - black[:, None, None]) / (white - black)[:, None, None]
        grey = np.rint(np.clip(stretched, 0, 1) * 255).astype(np.uint8)
        tall = np.concatenate([_enlarged(one) for one in grey])
        shown.append(np.concatenate([_head(name, tall.shape[1]), tall]))
    return np.concatenate(shown, axis=1)


def save(picture: NDArray[np.uint8], file: Path) -> Path:
    """Write a JPEG."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(file), picture, [cv2.IMWRITE_JPEG_QUALITY, 85]):
        raise SystemExit(f"{file} can't be written")
    return file


def _enlarged(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    side = (image.shape[1] * TIMES, image.shape[0] * TIMES)
    grown = cv2.resize(image, side, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.pad(grown, ((0, 2), (0, 2))), np.uint8)


def _head(name: str, width: int) -> NDArray[np.uint8]:
    canvas = np.full((HEAD, width), 255, np.uint8)
    place, font = (4, HEAD - 7), cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(canvas, name, place, font, 0.45, 0, 1, cv2.LINE_AA)
    return canvas
