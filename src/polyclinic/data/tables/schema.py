"""The landmark schema and mask classes of a table, from names and from the file beside it.

`points.schema.json` beside `points.csv` may hold `swap` and `skeleton` (pairs of landmark names),
`sigmas` (one number a landmark) and `mask_classes` {value in the mask: class}.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from polyclinic.data.coco.document import read_json
from polyclinic.data.coco.faults.numbers import are_finite, are_numbers
from polyclinic.errors import DataError, nearest
from polyclinic.schema import (
    KNEE_CLASSES,
    KNEE_LANDMARKS,
    NAILFOLD_CLASSES,
    NAILFOLD_LANDMARKS,
    LandmarkSchema,
)

_KEYS = ("swap", "skeleton", "sigmas", "mask_classes")
_KNOWN = ((KNEE_LANDMARKS, KNEE_CLASSES), (NAILFOLD_LANDMARKS, NAILFOLD_CLASSES))
_SIDE = re.compile(r"left|right|^[lr](?=_)|(?<=_)[lr]$", re.IGNORECASE)
_OTHER = {"left": "right", "right": "left", "l": "r", "r": "l"}


@dataclass(frozen=True)
class Sidecar:
    """What the file beside a table says.

    Args:
        path: where it lies, or would lie.
        document: its keys; empty without such a file.
        mask_classes: class name of each value in the masks; empty: everything above 0 is one.
    """

    path: Path
    document: Mapping[str, Any] = field(default_factory=dict)
    mask_classes: Mapping[int, str] = field(default_factory=dict)


def read_sidecar(table: Path) -> Sidecar:
    """The `.schema.json` of a table.

    Raises:
        DataError: it holds an unknown key, or something that can't be read.
    """
    path = table.with_suffix(".schema.json")
    if not path.is_file():
        return Sidecar(path)
    document = read_json(path)
    if not isinstance(document, dict):
        raise DataError("is no JSON object", expected="{swap, skeleton, ...}", where=str(path))
    for key in document:
        if key not in _KEYS:
            raise DataError(f"key {key!r} is not known", where=str(path), hint=nearest(key, _KEYS))
    return Sidecar(path, document, _mask_classes(document.get("mask_classes") or {}, path))


def landmark_schema(names: tuple[str, ...], sidecar: Sidecar) -> LandmarkSchema | None:
    """The schema of landmarks in column order; None without landmarks.

    Where the file beside the table is silent, the names tell the pairs, and the lines of those
    landmarks that polyclinic knows.

    Raises:
        DataError: the sidecar names other landmarks, or holds no pairs or numbers.
    """
    if not names:
        return None
    document, where = sidecar.document, str(sidecar.path)
    sigmas = document.get("sigmas") or []
    if not (are_numbers(sigmas) and are_finite(sigmas) and all(value > 0 for value in sigmas)):
        raise DataError("'sigmas' is no list of positive numbers", where=where)
    known = next((one for one, _ in _KNOWN if one.names == names), None)
    swaps, skeleton = (
        (known.swaps, known.skeleton) if known is not None else (swaps_by_name(names), ())
    )
    try:
        return LandmarkSchema(
            names=names,
            swaps=_pairs(document, "swap", where) if "swap" in document else swaps,
            skeleton=_pairs(document, "skeleton", where) if "skeleton" in document else skeleton,
            sigmas=tuple(map(float, sigmas)),
        )
    except DataError as error:
        raise DataError(error.what, expected=error.expected, where=where) from None


def class_names(names: set[str], schema: LandmarkSchema | None) -> tuple[str, ...]:
    """Classes by name; in their own order, and all of them, where landmarks and names are known."""
    for landmarks, classes in _KNOWN:
        if schema is not None and schema.names == landmarks.names and names <= {*classes}:
            return classes if names else ()
    return tuple(sorted(names))


def swaps_by_name(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Pairs whose names differ in left and right, `L_` and `R_`, or `_l` and `_r`."""
    pairs = []
    for name in names:
        other = _SIDE.sub(_other_side, name)
        if other in names and names.index(name) < names.index(other):
            pairs.append((name, other))
    return tuple(pairs)


def _other_side(match: re.Match[str]) -> str:
    side = match[0]
    other = _OTHER[side.lower()]
    if side.isupper():
        return other.upper()
    return other.capitalize() if side[0].isupper() else other


def _pairs(document: Mapping[str, Any], key: str, where: str) -> tuple[tuple[str, str], ...]:
    found = document.get(key) or []
    if not isinstance(found, list) or not all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair)
        for pair in found
    ):
        raise DataError(f"{key!r} can't be read", expected="pairs of landmark names", where=where)
    return tuple((first, second) for first, second in found)


def _mask_classes(found: object, path: Path) -> dict[int, str]:
    sound = isinstance(found, dict) and all(
        key.isascii() and key.isdecimal() and int(key) > 0 and isinstance(name, str) and name
        for key, name in found.items()
    )
    if not isinstance(found, dict) or not sound:
        raise DataError(
            "'mask_classes' can't be read",
            expected='{"1": class, "2": class}, values above 0',
            where=str(path),
        )
    return {int(key): name for key, name in found.items()}
