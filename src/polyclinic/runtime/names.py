"""How files are called that are written beside readings."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from polyclinic.reading import Reading

OVERLAYS, RESTORED = PICTURES = "overlays", "restored"
"""Folders of them, in that of the outputs."""
NOT_WRITTEN = "not_written"
"""Key of an image's provenance: the pictures that could not be written, and why."""
_MOST_BYTES = 180
"""File systems take 255; a suffix, a digest and the name of an unfinished file come on top."""
_NUMBERED = re.compile(r"-\d+$")


def picture_name(reading: Reading, suffix: str) -> str:
    """A file name that no other image of the same read gets, with a suffix.

    Ids that are texts are unique, and stay readable: folders and characters that can't be printed
    become underscores, and long ones are cut. Where anything was changed, or a number could be
    taken for an id, a digest of the id keeps the name apart. An id that is a number stands behind
    the name of the file.
    """
    if not isinstance(reading.image_id, str):
        stem = Path(reading.file).stem if reading.file else "image"
        return f"{_cut(_plain(stem))}-{reading.image_id}{suffix}"
    name = _cut(_plain(reading.image_id))
    if name != reading.image_id or _NUMBERED.search(name):
        digest = sha256(reading.image_id.encode("utf-8", "surrogatepass")).hexdigest()
        name = f"{name}-x{digest[:10]}"
    return f"{name}{suffix}"


def _plain(name: str) -> str:
    return "".join(one if one.isprintable() and one not in "/\\" else "_" for one in name)


def _cut(name: str) -> str:
    return name.encode()[:_MOST_BYTES].decode(errors="ignore")
