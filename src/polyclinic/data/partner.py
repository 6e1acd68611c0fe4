"""The sharp partner of a blurred image."""

from __future__ import annotations

import os
from collections.abc import Hashable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from polyclinic.data.findings import Finding, Place
from polyclinic.data.grey import UNKNOWN, Grey
from polyclinic.data.images import Picture, image_size, read_picture
from polyclinic.data.tables.locate import exists
from polyclinic.errors import DataError, ImageError
from polyclinic.sample import Sample

_SAME_FIELD = "a sharp partner shows the same field, pixel by pixel"
_WITHOUT = "the image is used without it"


def with_partner(sample: Sample, file: Path, place: Place) -> tuple[Sample, list[Finding]]:
    """The sample with the file of its sharp partner, or without one and why.

    Args:
        sample: of the image that has the partner.
        file: the partner.
        place: what said so.
    """
    name = f"the sharp partner {file.name}"
    if not exists(file):
        return sample, [place.error(f"{name} is missing", str(file), _WITHOUT)]
    if sample.file is not None and os.path.realpath(file) == os.path.realpath(sample.file):
        hint = f"leave it out: quality 0 says that an image is sharp; {_WITHOUT}"
        return sample, [place.warning(f"{name} is the image itself", "another file", hint)]
    try:
        size = image_size(file)
    except ImageError as error:
        expected = error.expected or "an image of the same field"
        return sample, [place.error(f"{name} {error.what}", expected, _WITHOUT)]
    if size != sample.size:
        hint = f"{_SAME_FIELD}; {_WITHOUT}"
        return sample, [place.error(f"{name} {_has(size)}", _as_image(sample), hint)]
    return replace(sample, sharp_file=str(file)), []


def with_sharp(sample: Sample, grey: Grey = UNKNOWN) -> Sample:
    """The sample with the pixels of its sharp partner, where it has one.

    Where both are deep and of one type, what is black and white in the image is so in the partner.

    Args:
        sample: loaded.
        grey: says what is black and white elsewhere.

    Raises:
        ImageError: the partner's file can't be read.
        DataError: the partner is of another size.
    """
    if sample.sharp is not None or sample.sharp_file is None:
        return sample
    return replace(sample, sharp=_partner(sample, sample.sharp_file, grey).rgb)


def sharp_as_stored(sample: Sample, grey: Grey = UNKNOWN) -> Picture | None:
    """The sharp partner at the depth of its file; None where there is none.

    Of a partner that is loaded, such as an image before it was blurred, 8 bits are all there is.

    Args:
        sample: loaded.
        grey: as of `with_sharp`.

    Raises:
        ImageError: the partner's file can't be read.
        DataError: the partner is of another size.
    """
    if sample.sharp is not None:
        return Picture(np.asarray(sample.sharp, np.uint8))
    return None if sample.sharp_file is None else _partner(sample, sample.sharp_file, grey)


def same_fields(samples: Sequence[Sample]) -> list[Hashable]:
    """A name for each sample: one for images that share a sharp partner or are one another's."""
    parents: dict[Hashable, Hashable] = {}

    def top(node: Hashable) -> Hashable:
        while node in parents:
            node = parents[node]
        return node

    def join(row: int, partner: str) -> None:
        if top(row) != top(partner):
            parents[top(row)] = top(partner)

    partners = {os.path.realpath(one.sharp_file) for one in samples if one.sharp_file is not None}
    for row, sample in enumerate(samples if partners else ()):
        for file in (sample.file, sample.sharp_file):
            if file is not None and os.path.realpath(file) in partners:
                join(row, os.path.realpath(file))
    return [top(row) for row in range(len(samples))]


def _partner(sample: Sample, file: str, grey: Grey) -> Picture:
    picture = read_picture(file, grey)
    height, width = picture.rgb.shape[:2]
    if (height, width) != sample.size:
        raise DataError(
            f"the sharp partner {_has((height, width))}",
            expected=_as_image(sample),
            where=file,
            hint=_SAME_FIELD,
        )
    if picture.deep is None or sample.deep is None or picture.deep.dtype != sample.deep.dtype:
        return picture
    rgb = sample.grey.to_rgb8(picture.deep)
    return replace(picture, rgb=rgb, grey=sample.grey, stated=sample.grey_stated)


def _has(size: tuple[int, int]) -> str:
    return f"has {size[1]} x {size[0]} pixels"


def _as_image(sample: Sample) -> str:
    return f"{sample.size[1]} x {sample.size[0]}, as the image"
