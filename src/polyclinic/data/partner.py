"""The sharp partner of a blurred image."""

from __future__ import annotations

from dataclasses import replace

from polyclinic.data.images import read_image
from polyclinic.errors import DataError
from polyclinic.sample import Sample


def with_sharp(sample: Sample) -> Sample:
    """The sample with the pixels of its sharp partner, where it has one.

    Raises:
        ImageError: the partner's file can't be read.
        DataError: the partner is of another size.
    """
    if sample.sharp is not None or sample.sharp_file is None:
        return sample
    pixels = read_image(sample.sharp_file)
    if pixels.shape[:2] != sample.size:
        raise DataError(
            f"the sharp partner has {pixels.shape[1]} x {pixels.shape[0]} pixels",
            expected=f"{sample.size[1]} x {sample.size[0]}, as the image",
            where=sample.sharp_file,
            hint="a sharp partner shows the same field, pixel by pixel",
        )
    return replace(sample, sharp=pixels)
