"""What other programs write under `segmentation`, in the two forms that COCO has.

COCO knows a list of flat polygons and an object with `size` and `counts`. Met besides are: one flat
polygon alone, polygons as pairs of coordinates, numbers as texts, empty polygons, runs whose bytes
were turned into a text by Python (`"b'...'"`), compressed runs without their object, and any of
these as a text of JSON.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

from polyclinic.data.coco.document import whole_number
from polyclinic.data.tables.numbers import numbers_in

_LEAST = 6


def plain_segmentation(
    segmentation: object, size: tuple[int, int]
) -> Mapping[str, Any] | list[Any] | None:
    """The same as polygons or runs; None where nothing was drawn.

    What has no meaning here stays as it is, for `mask_from_coco` to say why it can't be read.

    Args:
        segmentation: as it stands in the file.
        size: (height, width) of the image.
    """
    if isinstance(segmentation, str):
        segmentation = _of_text(segmentation, size)
    if not segmentation:
        return None
    if isinstance(segmentation, Mapping):
        return _plain_runs(segmentation)
    return _plain_polygons(segmentation) if isinstance(segmentation, list) else []


def _of_text(text: str, size: tuple[int, int]) -> object:
    """What a text holds: JSON, else compressed runs of the whole image."""
    if not text.strip():
        return None
    try:
        found = json.loads(text, parse_int=whole_number)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, list | dict) else {"size": list(size), "counts": text}


def _plain_runs(runs: Mapping[str, Any]) -> Mapping[str, Any]:
    counts, frame = runs.get("counts"), numbers_in(runs.get("size"))
    if isinstance(counts, str) and counts[:2] in ("b'", 'b"'):
        try:
            written = ast.literal_eval(counts)
        except (ValueError, SyntaxError):
            written = None
        if isinstance(written, bytes):
            return {**runs, "counts": written.decode("ascii", "replace")}
    if isinstance(counts, list) and any(isinstance(one, str) for one in counts):
        numbers = numbers_in(counts)
        if numbers is not None and all(one.is_integer() for one in numbers):
            return {**runs, "counts": [int(one) for one in numbers]}
    if frame is not None and list(frame) != runs.get("size"):
        return {**runs, "size": [int(one) for one in frame if one.is_integer()]}
    return runs


def _plain_polygons(parts: list[Any]) -> list[Any] | None:
    if all(isinstance(part, list) for part in parts):
        drawn = [part for part in parts if part]
        if not drawn:
            return None
        if len(drawn) * 2 >= _LEAST and all(_is_pair(part) for part in drawn):
            return [_flat(drawn)]
        return [_flat(part) if all(map(_is_pair, part)) else _as_numbers(part) for part in drawn]
    flat = numbers_in(parts)
    return parts if flat is None else [flat]


def _is_pair(point: object) -> bool:
    return isinstance(point, list) and len(point) == 2 and numbers_in(point) is not None


def _flat(pairs: list[Any]) -> list[float]:
    return [value for pair in pairs for value in numbers_in(pair) or ()]


def _as_numbers(part: list[Any]) -> list[Any]:
    """A flat polygon; the very list where it holds numbers already."""
    if not any(isinstance(one, str) for one in part):
        return part
    return numbers_in(part) or part
