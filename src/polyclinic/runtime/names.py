"""How files are called that are written beside readings."""

from __future__ import annotations

from pathlib import Path

from polyclinic.reading import Reading

OVERLAYS, RESTORED = PICTURES = "overlays", "restored"
"""Folders of them, in that of the outputs."""


def picture_name(reading: Reading, suffix: str) -> str:
    """The image's name with a suffix; folders become part of it, other suffixes stay visible."""
    known = reading.image_id if isinstance(reading.image_id, str) else reading.file
    name = str(reading.image_id) if known is None else known
    if not isinstance(reading.image_id, str):
        name = Path(name).name
    name = name.replace("/", "_")
    return name if name.endswith(suffix) else f"{name}{suffix}"
