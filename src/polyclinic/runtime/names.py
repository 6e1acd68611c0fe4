"""How files are called that are written beside readings."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from polyclinic.reading import Reading

OVERLAYS, RESTORED = PICTURES = "overlays", "restored"
"""Folders of them, in that of the outputs."""
NOT_WRITTEN = "not_written"
"""Key of an image's provenance: the pictures that could not be written, and why."""
_MOST_BYTES = 180
"""File systems take 255; a suffix, a digest and the name of an unfinished file come on top."""
_LIKE_OURS = re.compile(r"-(m?\d+|x[0-9a-f]{10})$", re.IGNORECASE)
_SEPARATING = frozenset('/\\<>:"|?*')
"""Characters that stand for folders, streams or patterns on some system."""


def alike(ids: Iterable[int | str]) -> frozenset[str]:
    """Ids whose names some file system takes for one: upper or lower case, or accents, differ."""
    texts = [one for one in ids if isinstance(one, str)]
    times = Counter(map(_folded, texts))
    return frozenset(one for one in texts if times[_folded(one)] > 1)


def picture_name(reading: Reading, suffix: str, *, apart: bool = False) -> str:
    """A file name that no other image of the same read gets, with a suffix.

    Ids that are texts are unique, and stay readable: folders and characters that can't be printed
    become underscores, and long ones are cut. Where anything was changed, or a number could be
    taken for an id, a digest of the id keeps the name apart. An id that is a number stands behind
    the name of the file, with an m for a minus.

    Args:
        reading: of the image.
        suffix: of the file, with its dot.
        apart: whether the id is one of those that are `alike` others of the read.
    """
    if not isinstance(reading.image_id, str):
        stem = Path(reading.file).stem if reading.file else "image"
        sign = "m" if reading.image_id < 0 else ""  # a minus could belong to the file's name
        return f"{_cut(_plain(stem))}-{sign}{abs(reading.image_id)}{suffix}"
    name = _cut(_plain(reading.image_id))
    if apart or name != reading.image_id or _LIKE_OURS.search(name):
        digest = sha256(reading.image_id.encode("utf-8", "surrogatepass")).hexdigest()
        name = f"{name}-x{digest[:10]}"
    return f"{name}{suffix}"


def _plain(name: str) -> str:
    return "".join(one if one.isprintable() and one not in _SEPARATING else "_" for one in name)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _cut(name: str) -> str:
    return name.encode()[:_MOST_BYTES].decode(errors="ignore")
