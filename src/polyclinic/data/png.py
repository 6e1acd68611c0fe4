"""Where a PNG file keeps what it says besides pixels."""

from __future__ import annotations

from pathlib import Path

_SIGNATURE = 8
_PIXELS = b"IDAT"
_SIGNIFICANT = b"sBIT"
_SAYINGS = (b"eXIf", b"tEXt", b"zTXt", b"iTXt")


def says_more_after_pixels(path: str | Path) -> bool:
    """Whether EXIF or texts stand behind the pixels, where only decoding finds them.

    Chunks are passed over by their lengths (PNG specification, 5.3): nothing is decoded.
    """
    seen_pixels = False
    with Path(path).open("rb") as file:
        file.seek(_SIGNATURE)
        while len(head := file.read(8)) == 8:
            length, name = int.from_bytes(head[:4], "big"), head[4:]
            seen_pixels |= name == _PIXELS
            if seen_pixels and name in _SAYINGS:
                return True
            file.seek(length + 4, 1)
    return False


def significant_bits(encoded: bytes) -> int | None:
    """How many bits of a sample are significant, the most of all channels; None if not said.

    Chunks are passed over by their lengths up to the pixels (PNG specification, 5.3 and 11.3.2.7).
    """
    place = _SIGNATURE
    while place + 8 <= len(encoded):
        length, name = (
            int.from_bytes(encoded[place : place + 4], "big"),
            encoded[place + 4 : place + 8],
        )
        if name == _PIXELS:
            return None
        if name == _SIGNIFICANT:
            return max(encoded[place + 8 : place + 8 + length], default=None)
        place += length + 12
    return None
