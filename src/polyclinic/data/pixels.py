"""Decoded pixels of any kind by what they mean, and 8-bit RGB where 8 bits hold everything.

- Grey becomes three equal channels; 8-bit palettes, CMYK, YCbCr and Lab of files other than TIFF
  are converted by Pillow.
- Transparent pixels are laid over black: what can't be seen holds no information.
- Values of more than 8 bits keep their type; what is black and white among them is said by a
  `GreyScale`, see `polyclinic.data.grey`.
- An image with a pixel that is NaN or infinite is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from polyclinic.data.png import significant_bits
from polyclinic.errors import ImageError
from polyclinic.sample.grey_scale import GreyScale, usual_scale

TRANSPOSED = (5, 6, 7, 8)
"""Orientations that swap height and width."""
_UPENDED = (3, 4, 7, 8)
_MIRRORED = (2, 3, 6, 7)
_TYPES = {
    np.dtype(np.int8): np.int16,
    np.dtype(np.float16): np.float32,
    np.dtype(np.float64): np.float32,
}
"""What is kept as another type, which holds the same values (of float64, to 7 digits)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Meant:
    """Pixels by what they mean: more is brighter, upright, transparency laid over black.

    Args:
        values: (H, W) grey or (H, W, 3) RGB.
        stated: what the file calls black and white; None where it does not say.
        steps: what was left out or changed.
        doubts: what may make the picture, or lengths in it, other than they look.
    """

    values: NDArray[Any]
    stated: GreyScale | None = None
    steps: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Type of the values, such as `uint16`."""
        return str(self.values.dtype.name)


def meant_by_pillow(image: Image.Image) -> Meant:
    """What a Pillow image means that is neither a TIFF nor of 16 bits and several channels."""
    if image.mode.startswith("I;16"):
        return Meant(values=np.array(image, np.uint16))
    if image.mode.startswith("I"):
        return Meant(values=np.array(image, np.int32))
    if image.mode == "F":
        return Meant(values=np.array(image, np.float32))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        black = Image.new("RGBA", layer.size, (0, 0, 0, 255))
        shown = Image.alpha_composite(black, layer).convert("RGB")
        return Meant(values=np.array(shown))
    return Meant(values=np.array(image.convert("RGB")))


def as_kept(meant: Meant, where: str) -> Meant:
    """The same in one of the types uint8, uint16, int16, uint32, int32 and float32.

    Raises:
        ImageError: pixels are NaN or infinite.
    """
    values = meant.values
    kept = values.astype(_TYPES.get(values.dtype, values.dtype), copy=False)
    if kept.dtype.kind == "f":
        _refuse_infinite(kept, where)
    stated = None if kept.dtype == np.uint8 else meant.stated
    return Meant(values=kept, stated=stated, steps=meant.steps)


def meant_by_deep(encoded: bytes, kind: str) -> Meant:
    """What a file of more than 8 bits a channel means that is no TIFF.

    Pillow would keep the upper byte of colours alone, and a grey that is called transparent.

    Args:
        encoded: the file.
        kind: as Pillow names it.

    Raises:
        Exception: whatever a decoder raises of a damaged file.
    """
    if kind == "JPEG2000":
        top = 2 ** bits_of_jpeg2000(encoded) - 1
        return _over_its_alpha(imagecodecs.jpeg2k_decode(encoded), top, GreyScale(0, top))
    if kind == "PNG":
        samples, bits = imagecodecs.png_decode(encoded), significant_bits(encoded) or 16
        stated = GreyScale(0, _white_of_significant(samples, bits)) if bits < 16 else None
        return _over_its_alpha(samples, 65535, stated)
    decoded = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None:
        raise ValueError(f"{kind} of 16 bits a channel")
    rgb = decoded if decoded.ndim == 2 else decoded[..., 2::-1]
    return Meant(values=np.ascontiguousarray(rgb))


def _over_its_alpha(samples: NDArray[Any], top: int, stated: GreyScale | None) -> Meant:
    """Of (H, W), (H, W, 2) or (H, W, 4) samples the last of two or four is opacity."""
    steps: tuple[str, ...] = ()
    if samples.ndim == 3 and samples.shape[2] in (2, 4):
        samples = over_black(samples[..., :-1], samples[..., -1] / top)
        steps = (LAID,)
    if samples.ndim == 3 and samples.shape[2] == 1:
        samples = samples[..., 0]
    return Meant(values=np.ascontiguousarray(samples), stated=stated, steps=steps)


def _white_of_significant(samples: NDArray[Any], bits: int) -> int:
    """The white of 16-bit samples of which `bits` are significant (PNG specification, 11.3.2.7).

    Such samples fill all 16 bits, the lower ones with zeros or with the upper ones again. Some
    programs write the significant bits as the lower ones instead.
    """
    upper, spare = samples >> (16 - bits), 16 - bits
    repeated = (upper << spare) | (upper >> max(0, bits - spare))
    filled = (samples == upper << spare) | (samples == repeated)
    return 65535 if filled.mean() > _MOST else 2**bits - 1


LAID = "transparency laid over black"
_MOST = 0.999
"""Share of pixels that decides; a few may be damaged."""


def upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """(H, W) or (H, W, C) turned so that the first row is the top and the first column the left.

    Args:
        pixels: as stored.
        orientation: of EXIF and TIFF (tag 274), 1 to 8.
    """
    if orientation in TRANSPOSED:
        pixels = pixels.swapaxes(0, 1)
    down = -1 if orientation in _UPENDED else 1
    right = -1 if orientation in _MIRRORED else 1
    return np.ascontiguousarray(pixels[::down, ::right])


def over_black(colours: NDArray[Any], opacity: NDArray[Any]) -> NDArray[Any]:
    """(H, W, C) colours laid over black.

    Args:
        colours: not multiplied by their opacity.
        opacity: (H, W), 0 to 1.
    """
    laid = colours * opacity[..., None]
    laid = laid if colours.dtype.kind == "f" else np.rint(laid)
    return np.asarray(laid.astype(colours.dtype))


def complement(values: NDArray[Any], stated: GreyScale | None) -> NDArray[Any]:
    """Values of which less is brighter, turned round.

    Args:
        values: of any type.
        stated: the range of the values; without it that of the type, where that has up to 16
            bits, else the usual one (`usual_scale`), as nothing fills 32 bits.
    """
    if stated is None and values.dtype.kind in "ui" and values.dtype.itemsize <= 2:
        return np.asarray(np.invert(values))
    scale = stated or usual_scale(values)
    turned = scale.black + scale.white - values.astype(np.float64)
    if values.dtype.kind in "ui":
        ends = np.iinfo(values.dtype)
        turned = turned.clip(ends.min, ends.max)
    return np.asarray(turned.astype(values.dtype))


def cmyk_to_rgb(inks: NDArray[Any], top: float) -> NDArray[Any]:
    """(H, W, 3) RGB of (H, W, 4) inks, without a profile: (1 - C)(1 - K), and so on.

    Args:
        inks: 0 is none.
        top: all of an ink.
    """
    left = 1 - inks / top
    colours = left[..., :3] * left[..., 3:] * top
    colours = colours if inks.dtype.kind == "f" else np.rint(colours)
    return np.asarray(colours.astype(inks.dtype))


def bits_of_jpeg2000(encoded: bytes) -> int:
    """Bits of the first component, as the SIZ marker says (ISO 15444-1, A.5.1)."""
    siz = encoded.index(b"\xff\x4f\xff\x51")
    return (encoded[siz + 42] & 0x7F) + 1


def _refuse_infinite(values: NDArray[Any], where: str) -> None:
    lost = values.size - np.count_nonzero(np.isfinite(values))
    if lost:
        raise ImageError(
            f"{lost} of {values.size} pixels are NaN or infinite",
            expected="a finite number in each pixel",
            where=where,
            hint="save it with the value of the background where nothing was measured",
        )
