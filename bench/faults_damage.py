"""Damage to files: of bytes, and of what a JSON document says; the same for the same seed."""

from __future__ import annotations

import copy
import io
import json
import random
import zipfile
from pathlib import Path
from typing import Any

from PIL import Image

ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 10**9, 10**30, -(10**400), 1e308, float("nan"), float("inf")),
    *("", "x", "\x00", "\ud83d\ude00" * 300, "[/b]", [], {}, [[[]]], {"a": 1}),
)
"""Values that are no plausible value of any key."""


def damage(data: bytes, chance: random.Random, *, text: bool) -> tuple[str, bytes]:
    """The name of what was done, and the damaged bytes; never those that were given."""
    for _ in range(20):
        name, done = _once(data, chance, text=text)
        if done != data:
            return name, done
    return "cut", data[: len(data) // 2]


def _once(data: bytes, chance: random.Random, *, text: bool) -> tuple[str, bytes]:
    ways = ["flip", "cut", "swap", "delete", "repeat", "zeros"]
    if text:
        ways += ["number", "number", "nest", "bom", "null", "latin"]
        if data[:1] == b"{":
            ways += ["key"] * 8
    way = chance.choice(ways)
    if way == "key":
        return way, _changed_document(data, chance)
    return way, (_text(way, data, chance) or _bytes(way, data, chance))


def _bytes(way: str, data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    at, to = sorted(chance.sample(range(len(data) + 1), 2))
    if way == "flip":
        for _ in range(chance.choice((1, 1, 4, 32))):
            out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    elif way == "cut":
        del out[at:]
    elif way == "swap":
        middle = (at + to) // 2
        out[at:to] = out[middle:to] + out[at:middle]
    elif way == "delete":
        del out[at : min(to, at + 64)]
    elif way == "repeat":
        out[at:at] = out[at : min(to, at + 256)]
    else:
        out[at : min(to, at + 64)] = bytes(min(to, at + 64) - at)
    return bytes(out)


def _text(way: str, data: bytes, chance: random.Random) -> bytes | None:
    at = chance.randrange(len(data) + 1)
    if way == "number":
        digits = [n for n, byte in enumerate(data) if chr(byte).isdigit()]
        new = chance.choice((b"-", b"1e999", b"NaN", b"9" * 5000, b"1e9", b"0x1", b"'"))
        where = chance.choice(digits) if digits else at
        return data[:where] + new + data[where + 1 :]
    if way == "nest":
        return data[:at] + b"[" * 100_000 + data[at:]
    if way == "bom":
        return chance.choice((b"\xef\xbb\xbf", b"\xff\xfe")) + data
    if way == "null":
        return data[:at] + b"\x00" + data[at:]
    return data[:at] + b"\xe9" + data[at:] if way == "latin" else None


def _changed_document(data: bytes, chance: random.Random) -> bytes:
    """Delete, double, rename a key or give it an odd value."""
    document = json.loads(data)
    places = list(_places(document))
    holder, key = chance.choice(places)
    way = chance.choice(("delete", "odd", "odd", "odd", "rename", "double"))
    if way == "delete":
        del holder[key]
    elif way == "odd":
        holder[key] = copy.deepcopy(chance.choice(ODD))
    elif isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    elif way == "rename":
        holder[f"{key}x"] = holder.pop(key)
    else:
        before = json.dumps(holder)
        twice = before[:-1] + f", {json.dumps(key)}: {json.dumps(chance.choice(ODD))}" + "}"
        return json.dumps(document).replace(before, twice, 1).encode()
    return json.dumps(document).encode()


def _places(node: Any) -> Any:
    """(holder, key) of everything in a document."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    for key, inner in list(pairs):
        yield node, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def told_by(path: Path) -> str | None:
    """What a checksum or parser other than ours says against a file; None where it says nothing."""
    data = path.read_bytes()
    if not data:
        return "empty"
    try:
        if path.suffix == ".json":
            json.loads(data.decode("utf-8-sig"))
        elif path.suffix == ".polyclinic":
            with zipfile.ZipFile(io.BytesIO(data)) as container:
                bad = container.testzip()
            return f"checksum of {bad}" if bad else None
        elif path.suffix == ".png":
            with Image.open(io.BytesIO(data)) as image:
                image.verify()
        elif path.suffix in {".jpg", ".tif"}:
            with Image.open(io.BytesIO(data)) as image:
                image.load()
    except Exception as error:  # whatever another parser raises is a refusal
        return f"{type(error).__name__}: {error}"[:200]
    return None
