"""How large an image may be."""

from __future__ import annotations

from polyclinic.errors import ImageError

MIN_SIDE = 16
"""Smallest side, in pixels, that a reader accepts; `read_image` itself opens smaller files."""
MAX_PIXELS = 100_000_000
"""Largest image that is decoded."""

LIMIT = f"at most {MAX_PIXELS:,} pixels"
CUT = "scale it down or cut it into fields"


def refuse_giant(height: int, width: int, where: str) -> None:
    """Stop before an image is decoded that would fill the memory.

    Raises:
        ImageError: more than `MAX_PIXELS`.
    """
    if width * height > MAX_PIXELS:
        raise ImageError(f"has {width} x {height} pixels", expected=LIMIT, hint=CUT, where=where)
