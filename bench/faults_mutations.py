"""Damage of files: what disks, networks, editors and other programs do to them."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from typing import Any

import yaml

ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 0.5, 10**9, -(10**30), 1e308, float("nan"), float("inf")),
    *("", " ", "x", "nan", "=1+1", "../../x", "a\x00b", "\u202e", "[/x]", "é" * 300),
    *([], {}, [[]], [None], {"": ""}, [1e9] * 7, ["x"] * 3),
)
"""Values that stand where others are expected."""
CELLS = ("", " ", "x", "nan", "-1", "1e400", "#N/A", "=1+1", '"', "a\rb", "a\x00b", "0x10", "1,5")
"""The same in a table."""


def damage(content: bytes, kind: str, rng: random.Random) -> bytes:
    """A damaged copy.

    Args:
        content: of a file.
        kind: `json`, `yaml` and `csv` are damaged by their structure half of the time; all others
            byte by byte.
        rng: decides how.
    """
    by_structure = {"json": _json, "yaml": _yaml, "csv": _csv}
    if kind in by_structure and rng.random() < 0.5:
        return by_structure[kind](content, rng)
    return rng.choice(_OF_BYTES)(content, rng)


def _piece(content: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(max(len(content), 1))
    return start, min(len(content), start + rng.choice((1, 4, 16, 256, 4096)))


def _flip(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 4, 32))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _noise(content: bytes, rng: random.Random) -> bytes:
    start, end = _piece(content, rng)
    return content[:start] + rng.randbytes(end - start) + content[end:]


def _zeros(content: bytes, rng: random.Random) -> bytes:
    start, end = _piece(content, rng)
    return content[:start] + bytes(end - start) + content[end:]


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.choice((0, 1, 8, rng.randrange(len(content)), len(content) - 1))]


def _without(content: bytes, rng: random.Random) -> bytes:
    start, end = _piece(content, rng)
    return content[:start] + content[end:]


def _twice(content: bytes, rng: random.Random) -> bytes:
    start, end = _piece(content, rng)
    return content[:end] + content[start:]


def _swapped(content: bytes, rng: random.Random) -> bytes:
    (a, b), (c, d) = sorted((_piece(content, rng), _piece(content, rng)))
    if c < b:
        return _flip(content, rng)
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def _longer(content: bytes, rng: random.Random) -> bytes:
    return content + rng.randbytes(rng.choice((1, 100, 5000)))


_OF_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_flip, _noise, _zeros, _cut, _without, _twice, _swapped, _longer),
)


def _json(content: bytes, rng: random.Random) -> bytes:
    return json.dumps(_restructured(json.loads(content), rng)).encode()


def _yaml(content: bytes, rng: random.Random) -> bytes:
    return str(yaml.safe_dump(_restructured(yaml.safe_load(content), rng))).encode()


def _csv(content: bytes, rng: random.Random) -> bytes:
    rows = list(csv.reader(io.StringIO(content.decode())))
    row, column = rng.randrange(len(rows)), rng.randrange(len(rows[0]))
    change = rng.randrange(6)
    if change == 0:
        del rows[row][column:]
    elif change == 1:
        rows.append(list(rows[row]))
    elif change == 2:
        for one in rows:
            one.append(one[column])
    else:
        rows[row][column] = rng.choice(CELLS)
    text = io.StringIO()
    csv.writer(text, delimiter=rng.choice(",,,;\t"), quoting=csv.QUOTE_MINIMAL).writerows(rows)
    return text.getvalue().encode(rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1")))


def _restructured(tree: Any, rng: random.Random) -> Any:
    """A value somewhere in a tree is another, gone, named otherwise or there twice."""
    places = list(_places(tree))
    if not places:
        return rng.choice(ODD)
    holder, key = rng.choice(places)
    change = rng.randrange(5)
    if change == 0:
        del holder[key]
    elif change == 1 and isinstance(holder, dict):
        holder[f"{key}s"] = holder.pop(key)
    elif change == 1:
        holder.append(holder[key])
    elif change == 2 and isinstance(holder[key], int | float):
        holder[key] *= rng.choice((-1, 0.5, 1000, 1e9))
    else:
        holder[key] = rng.choice(ODD)
    return tree


def _places(tree: Any) -> Any:
    """Every (container, key) of a tree."""
    keys = tree if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in list(keys):
        yield tree, key
        yield from _places(tree[key])
