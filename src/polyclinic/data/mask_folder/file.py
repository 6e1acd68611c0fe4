"""One mask image to the pixels of one object, or to the numbers of several classes.

What is the object is told by what a mask means, not by the codes that it is stored in:

- Black is background, all else the object: of grey values 0, of colours the black one, of a
  palette the dark colours, wherever they stand in it.
- Transparent pixels are background. Where everything that can be seen has one colour, be it black,
  what can be seen is the object.
- What was packed with loss is cut at half of white, and so are shares between 0 and 1.
- A mask without background, such as one of 1 and 255, is refused: it may mean either.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.findings import Finding, Place
from polyclinic.data.images import image_size, page_count
from polyclinic.data.mask_folder.stored import Numbers, StoredMask, read_stored
from polyclinic.errors import ImageError

_FEW = 2
_DARK = 64
"""Colours of a palette with no channel as bright as this are dark."""
_FILLED = 0.9
"""Share of the image's edge from which on a mask fills the frame."""
_LEFT_OUT = "this mask is left out"
_GREY_EDGES = "use PNG, and do not scale a mask"

Size = tuple[int, int]
Drawn = NDArray[np.bool_]


class _UnclearError(Exception):
    """What is background can't be told; the message says why, and what was expected."""


def read_object(path: Path, size: Size, place: Place) -> tuple[Drawn | None, list[Finding]]:
    """(H, W), true in the object, of a mask for an image of `size`; None with the reason.

    Nothing is raised: one mask that can't be read, or that may mean two things, is left out.
    """
    stored, findings = _stored(path, size, place)
    if stored is None:
        return None, findings
    try:
        drawn, said = _drawn(stored, f"mask {path.name}", place)
    except _UnclearError as error:
        what, expected = error.args
        hint = f"0, or black, is background; {_LEFT_OUT}"
        return None, [*findings, place.error(f"mask {path.name} {what}", expected, hint)]
    return drawn, [*findings, *said, *_filled(drawn, f"mask {path.name}", place)]


def read_codes(
    path: Path, size: Size, place: Place
) -> tuple[NDArray[np.int64] | None, list[Finding]]:
    """(H, W) numbers as they are stored, of a mask whose classes are told by them; None: why.

    Of a palette they are its rows. Transparent pixels are 0.
    """
    stored, findings = _stored(path, size, place)
    if stored is None:
        return None, findings
    name = f"mask {path.name}"
    values = stored.grey
    if stored.in_colour:
        what = f"{name} is coloured: no number says what a pixel is"
        return None, [*findings, place.error(what, "grey values, or a palette", _LEFT_OUT)]
    if values.dtype.kind == "f" and not (np.isfinite(values) & (values == np.rint(values))).all():
        what = f"{name} holds numbers that are not whole"
        return None, [*findings, place.error(what, "the whole numbers of its classes", _LEFT_OUT)]
    codes = values.astype(np.int64)
    if stored.alpha is not None and _varies(stored.alpha):
        findings.append(_varying_alpha(name, "transparent pixels are background", place))
        codes[stored.alpha == 0] = 0
    return codes, [*findings, *_light_first(stored, name, place)]


def _stored(path: Path, size: Size, place: Place) -> tuple[StoredMask | None, list[Finding]]:
    name, findings = f"mask {path.name}", []
    try:
        found = image_size(path)
        if found == size:
            stored, pages = read_stored(path), page_count(path)
            found = (stored.values.shape[0], stored.values.shape[1])
    except ImageError as error:
        return None, [place.error(f"{name} {error.what}", error.expected, error.hint)]
    except Exception as error:  # broken files make decoders raise whatever comes
        return None, [place.error(f"{name} can't be decoded ({error})", "a PNG file", _LEFT_OUT)]
    if found != size:
        return None, [
            place.error(
                f"{name} has {found[1]} x {found[0]} pixels",
                f"{size[1]} x {size[0]}, as the image",
                f"use the image that was annotated; {_LEFT_OUT}",
            )
        ]
    if pages > 1:
        findings.append(place.warning(f"{name} has {pages} pages", "one", "the first is read"))
    if stored.values.dtype.kind == "f" and not np.isfinite(stored.values).all():
        what = f"{name} holds pixels that are NaN or infinite"
        return None, [*findings, place.error(what, "a number in each pixel", _LEFT_OUT)]
    if stored.values.min(initial=0) < 0:
        what = f"{name} holds the value {stored.values.min():g}"
        return None, [*findings, place.error(what, "0 for background, else more", _LEFT_OUT)]
    return stored, findings


def _drawn(stored: StoredMask, name: str, place: Place) -> tuple[Drawn, list[Finding]]:
    """(H, W), true in the object, and what is doubtful in that.

    Raises:
        _UnclearError: which pixels are background can't be told.
    """
    if stored.palette is not None:
        drawn = _by_palette(stored.values, stored.palette)
        return drawn, [
            *_light_first(stored, name, place),
            *_several_values(_held(stored.values), name, place),
        ]
    alpha, visible = stored.alpha, None
    if alpha is not None and _varies(alpha):
        visible = np.asarray(alpha > 0)
        if _one_colour(stored.values[visible]):
            said = [_varying_alpha(name, "what is not transparent is the object", place)]
            return visible, [*said, *_several_values(_held(alpha), name, place)]
    elif alpha is not None and not alpha.any():
        what = f"{name} is transparent all over"
        said = [place.warning(what, "a grey image", "its colours are taken, where they vary")]
        if _one_colour(_pixels(stored.values)):
            return np.zeros(alpha.shape, bool), said
        return _by_brightness(stored, None, name, place)[0], said
    drawn, findings = _by_brightness(stored, visible, name, place)
    if visible is not None:
        findings.append(_varying_alpha(name, "transparent pixels are background", place))
    return drawn, findings


def _by_brightness(
    stored: StoredMask, visible: Drawn | None, name: str, place: Place
) -> tuple[Drawn, list[Finding]]:
    values = stored.grey if visible is None else np.where(visible, stored.grey, 0)
    held = _held(values)
    if stored.lossy and len(held) > _FEW:
        half = (int(np.iinfo(stored.values.dtype).max) + 1) // 2
        if values.max() < half:
            raise _UnclearError(
                f"was packed with loss and holds {held[-1]} at most", "black, white"
            )
        what = f"{name} was packed with loss, as JPEG does"
        return values >= half, [place.warning(what, "PNG", "it is cut at half of white")]
    if held[0] > 0 and not _one_colour(_pixels(stored.values)):
        named = " and ".join(f"{value:g}" for value in held[:3].tolist())
        more = "" if len(held) <= 3 else " and more"
        raise _UnclearError(
            f"holds {named}{more}, and no 0: which is background can't be told",
            "0 outside the object",
        )
    shares = values.dtype.kind == "f" and len(held) > _FEW and values.max() <= 1
    if shares:
        what = f"{name} holds shares between 0 and 1"
        return values >= 0.5, [place.warning(what, "two values", "it is cut at 0.5")]
    return values > 0, [*_several_values(held, name, place)]


def _by_palette(rows: Numbers, palette: NDArray[np.uint8]) -> Drawn:
    """Whether the row of each pixel is no background, by the colours of the rows that occur."""
    used = _held(rows)
    shown = np.where(palette[:, 3:] > 0, palette[:, :3], 0).astype(int)
    dark = shown.max(1) < _DARK
    if dark.all():  # a palette that shows nothing: its rows are numbers
        if used[0] > 0 and len(used) > 1:
            raise _UnclearError(f"holds {used[0]} and {used[1]}, and no 0", "0 outside the object")
        return np.asarray(rows > 0)
    if len(used) > 1 and not dark[used].any():
        named = " and ".join(str(shown[row].tolist()) for row in used[:2])
        raise _UnclearError(f"has no dark colour, but {named}", "a black background")
    if (dark[used[0]] and used[0] == 0) or dark[used].all():
        # Classes may have dark colours too: what looks just like the first one is background.
        dark = (shown == shown[used[0]]).all(1)
    return np.asarray(~dark[rows])


def _light_first(stored: StoredMask, name: str, place: Place) -> Iterator[Finding]:
    """A doubt where the first colour of a palette, mostly the background, is a light one."""
    if stored.palette is None or not (stored.values == 0).any():
        return
    first = stored.palette[0].astype(int)
    if first[3] > 0 and first[:3].max() >= _DARK:
        yield place.warning(
            f"{name} has a palette whose index 0 is light, {first[:3].tolist()}",
            "black, for the background",
            "colours tell what is background where one object is drawn, numbers where several are",
        )


def _several_values(held: Numbers, name: str, place: Place) -> Iterator[Finding]:
    """A doubt where a mask that should hold two values holds more."""
    if len(held) > _FEW:
        yield place.warning(
            f"{name} holds {len(held)} values",
            "two: background and object",
            f"every value above 0 counts as the object; {_GREY_EDGES}",
        )


def _filled(drawn: Drawn, name: str, place: Place) -> Iterator[Finding]:
    """A doubt where an object goes all around the image: it may be the background."""
    edge = np.concatenate([drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]])
    if edge.mean() >= _FILLED:
        yield place.warning(
            f"{name} fills the frame: {edge.mean():.0%} of the image's edge is object, and "
            f"{drawn.mean():.0%} of the image",
            "an object with background around it",
            "invert it where 0, or black, was meant to be the object",
        )


def _varying_alpha(name: str, what: str, place: Place) -> Finding:
    return place.warning(f"{name} has pixels that are transparent", "none", f"{what}; save it grey")


def _varies(values: Numbers) -> bool:
    return bool(values.min() != values.max())


def _held(values: Numbers) -> Numbers:
    """The values that occur, rising; counted where they are few, which is faster than to sort."""
    if values.dtype.kind == "u" and values.itemsize <= 2:
        return np.flatnonzero(np.bincount(values.ravel()))
    return np.unique(values)


def _pixels(values: Numbers) -> Numbers:
    """(N,) or (N, 3) of (H, W) or (H, W, 3)."""
    return values.reshape(-1, *values.shape[2:])


def _one_colour(pixels: Numbers) -> bool:
    """Whether (N,) or (N, 3) pixels are all alike."""
    return not len(pixels) or bool((pixels == pixels[0]).all())
