"""One image with its identity, its scale and what was annotated on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.sample.instance import Instance
from polyclinic.sample.spacing import Spacing

OBJECT_KINDS = frozenset({"instances", "masks", "landmarks"})
"""Annotation kinds of which each says that all objects of an image are annotated."""

Pixels = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]


@dataclass(frozen=True, eq=False, kw_only=True)
class Sample:
    """An image and its annotations, or the annotations alone while the file is not opened.

    Pixel centres lie at integers, x to the right, y down: the image spans -0.5 ... width - 0.5.

    Args:
        image_id: unique in the cohort.
        size: (height, width) in pixels, after EXIF orientation.
        image: (H, W, 3) RGB, 8 bit; None until it is loaded.
        deep: (H, W) or (H, W, 3) as stored, where the file holds 16 bits a channel; None until it
            is loaded, and where 8 bits hold everything.
        file: where the image lies.
        sharp: (H, W, 3) RGB, 8 bit, the same field in focus; None until it is loaded.
        sharp_file: where that image lies; None where there is no sharp partner.
        patient_id: the person; None when the data set does not say.
        study_id, laterality, site, device: identity, None when not said.
        spacing: physical size of a pixel.
        instances: the annotated objects; None when objects were *not annotated*, empty when the
            image was looked at and holds none.
        labels: values of whole-image tasks by name; a missing key is *not annotated*.
        raters: who looked at the image, and the labels that each gave the whole of it; a rater
            without labels looked for objects. Objects name theirs themselves.
        annotated: names of the annotation kinds that are known to be complete on this image
            (COCO key `annotated`); None when the file does not say. Without one of `OBJECT_KINDS`
            there may be more objects than `instances`, see `objects_complete`.
        extra: further keys of the COCO image, written back unchanged.
    """

    image_id: int | str
    size: tuple[int, int]
    image: Pixels | None = None
    deep: Pixels | None = None
    file: str | None = None
    sharp: Pixels | None = None
    sharp_file: str | None = None
    patient_id: str | None = None
    study_id: str | None = None
    laterality: str | None = None
    site: str | None = None
    device: str | None = None
    spacing: Spacing = field(default_factory=Spacing.unknown)
    instances: tuple[Instance, ...] | None = None
    labels: Mapping[str, Any] = field(default_factory=dict)
    raters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    annotated: frozenset[str] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Check that image, sharp partner and masks share one frame."""
        for what, pixels in (
            ("image", self.image),
            ("image as stored", self.deep),
            ("sharp partner", self.sharp),
        ):
            if pixels is not None and pixels.shape[:2] != self.size:
                raise DataError(
                    f"{what} has {pixels.shape[:2]} pixels",
                    expected=f"{self.size} (height, width)",
                    where=self.file or str(self.image_id),
                )
        for row, instance in enumerate(self.instances or ()):
            if instance.mask is not None and instance.mask.size != self.size:
                raise DataError(
                    f"mask of instance {row} lies in a frame of {instance.mask.size}",
                    expected=f"{self.size} (height, width)",
                    where=self.file or str(self.image_id),
                )

    @property
    def pixels(self) -> Pixels:
        """The loaded image.

        Raises:
            DataError: the image was not loaded.
        """
        if self.image is None:
            raise DataError(
                "the image is not loaded",
                where=self.file or str(self.image_id),
                hint="take the sample from Cohort.load",
            )
        return self.image

    @property
    def objects_complete(self) -> bool:
        """Whether all objects of the image are annotated.

        Where they are not, nobody knows what the rest of the image holds: it is no background to
        learn, and what is found there is no false find.
        """
        if self.instances is None:
            return False
        return self.annotated is None or bool(self.annotated & OBJECT_KINDS)

    def with_image(self, image: Pixels) -> Sample:
        """The same sample with its image loaded."""
        return replace(self, image=image)

    def without_pixels(self) -> Sample:
        """The same sample as it was before anything was loaded."""
        return replace(self, image=None, deep=None, sharp=None)
