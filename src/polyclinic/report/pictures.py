"""Pictures inside the page, so that one file is the whole report."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

WIDEST = 1600
_QUALITY = 82


def png_uri(png: bytes) -> str:
    """A data URI of an encoded plot."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def jpeg_uri(pixels: NDArray[np.uint8]) -> str:
    """A data URI of an (H, W, 3) photograph, not wider or higher than `WIDEST`."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((WIDEST, WIDEST), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
