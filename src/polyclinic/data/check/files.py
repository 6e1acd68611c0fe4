"""Decode every image once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, Place
from polyclinic.data.hashing import perceptual_hash
from polyclinic.data.images import MIN_SIDE, page_count, read_picture
from polyclinic.data.loading import at_size, refuse_other_size
from polyclinic.errors import DataError, ImageError
from polyclinic.sample import Sample


@dataclass(frozen=True)
class InspectedImage:
    """What is kept of a decoded image to compare it with the others, and how it was shown."""

    index: int
    digest: str
    appearance: NDArray[np.bool_]
    steps: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def inspect_files(cohort: Cohort) -> tuple[list[InspectedImage], list[Finding]]:
    """Hashes of the images that can be read, and what is wrong with any."""
    images, findings = [], []
    for index, sample in enumerate(cohort.samples):
        if sample.file is None:
            continue
        place = Place(sample.file, f"image {sample.image_id}")
        try:
            picture = read_picture(sample.file, cohort.grey)
            pages = page_count(sample.file)
        except ImageError as error:
            findings.append(place.error(error.what, error.expected, error.hint))
            continue
        pixels = picture.rgb
        findings += _size_findings(sample, (pixels.shape[0], pixels.shape[1]), place)
        if pages > 1:
            findings.append(place.warning(f"has {pages} pages", "one", "the first is read"))
        digest = hashlib.sha256(Path(sample.file).read_bytes()).hexdigest()
        images.append(
            InspectedImage(index, digest, perceptual_hash(pixels), picture.steps, picture.doubts)
        )
    return images, findings


def _size_findings(sample: Sample, size: tuple[int, int], place: Place) -> Iterator[Finding]:
    try:
        refuse_other_size(sample, size)
    except DataError as error:
        yield place.error(error.what, error.expected, error.hint)
    for flag in at_size(sample, size).flags[len(sample.flags) :]:
        yield place.warning(flag, hint="state the scale of this very file")
    if size != sample.size and not (sample.instances or sample.spacing.known):
        stated = f"{sample.size[1]} x {sample.size[0]}, as the annotations say"
        yield place.warning(f"has {size[1]} x {size[0]} pixels", stated)
    if min(size) < MIN_SIDE:
        yield place.warning(f"is {size[1]} x {size[0]} pixels", f"sides of {MIN_SIDE} or more")
