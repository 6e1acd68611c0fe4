"""One image with its identity, its scale, what was annotated, and who annotated it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.sample.grey_scale import BYTE, GreyScale
from polyclinic.sample.instance import Instance
from polyclinic.sample.spacing import Spacing

UNNAMED = ""
"""Stands for whoever drew the objects that name no rater, beside others that do."""


def drawn_by(sample: Sample) -> tuple[str, ...]:
    """Who looked for objects, by name: everybody that some bear, and who found none.

    A rater under `Sample.raters` of whom no label is known looked for objects. Nobody, where no
    object names a rater and none is listed.
    """
    if sample.instances is None:
        return ()
    listed = {name for name, said in sample.raters.items() if not said}
    found = {one.rater or UNNAMED for one in sample.instances if not one.crowd}
    named = listed | found
    return tuple(sorted(named)) if named - {UNNAMED} else ()


def raters_of(sample: Sample) -> tuple[str, ...]:
    """Everybody who said anything of an image, by name."""
    return tuple(sorted({*drawn_by(sample), *sample.raters}))


def label_names(sample: Sample) -> set[str]:
    """The labels of the whole image that raters gave by name."""
    return {name for said in sample.raters.values() for name in said}


def said_by(sample: Sample, rater: str) -> Sample:
    """What one rater says of an image: nothing but what nobody signed, where he said nothing."""
    instances = sample.instances
    if instances is not None and drawn_by(sample):
        own = tuple(one for one in instances if (one.rater or UNNAMED) == rater)
        instances = own if rater in drawn_by(sample) else None
    said = sample.raters.get(rater, {})
    named = label_names(sample)
    unsigned = {name: value for name, value in sample.labels.items() if name not in named}
    return replace(
        sample,
        instances=instances,
        labels=unsigned | dict(said),
        raters={rater: said} if rater in raters_of(sample) else {},
    )


UNKNOWN_SIZE = (0, 0)
"""Of an image whose file was not opened."""

OBJECT_KINDS = frozenset({"instances", "masks", "landmarks"})
"""Annotation kinds of which each says that all objects of an image are annotated."""

Pixels = (
    NDArray[np.uint8]
    | NDArray[np.uint16]
    | NDArray[np.int16]
    | NDArray[np.uint32]
    | NDArray[np.int32]
    | NDArray[np.float32]
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Sample:
    """An image and its annotations, or the annotations alone while the file is not opened.

    Pixel centres lie at integers, x to the right, y down: the image spans -0.5 ... width - 0.5.

    Args:
        image_id: unique in the cohort.
        size: (height, width) in pixels, after EXIF orientation; everything else here, the scale
            too, is stated for this size.
        image: (H, W, 3) RGB, 8 bit; None until it is loaded.
        deep: (H, W) or (H, W, 3) as stored, where a value of the file has more than 8 bits; None
            until it is loaded, and where 8 bits hold everything.
        grey: what is black and white in `deep`, and so made `image`; 0 and 255 without it.
        grey_stated: whether the file says so itself, rather than the cohort.
        file: where the image lies.
        sharp: (H, W, 3) RGB, 8 bit, the same field in focus; None until it is loaded.
        sharp_file: where that image lies; None where there is no sharp partner.
        patient_id: the person; None when the data set does not say.
        study_id, laterality, site, device: identity, None when not said.
        patient_key: the same for people whose ids are nearly the same, where `patient_id` is a
            pseudonym that does not show it; None elsewhere.
        age: of the person in years, when the image was taken; None when not said.
        sex: `female`, `male` or `other`; None when not said.
        spacing: physical size of a pixel.
        instances: the annotated objects; None when objects were *not annotated*, empty when the
            image was looked at and holds none.
        labels: values of whole-image tasks by name; a missing key is *not annotated*.
        raters: who looked at the image, and the labels that each gave the whole of it; a rater
            without labels looked for objects. Objects name theirs themselves.
        annotated: names of the annotation kinds that are known to be complete on this image
            (COCO key `annotated`); None when the file does not say. Without one of `OBJECT_KINDS`
            there may be more objects than `instances`, see `objects_complete`.
        flags: what became of a scale that was stated for another size; flags of its reading too.
        steps: what was done to the file to show its pixels; none until they are loaded.
        doubts: what may make the picture, or lengths in it, other than they look; likewise.
        extra: further keys of the COCO image, written back unchanged.
    """

    image_id: int | str
    size: tuple[int, int]
    image: Pixels | None = None
    deep: Pixels | None = None
    grey: GreyScale = BYTE
    grey_stated: bool = False
    file: str | None = None
    sharp: Pixels | None = None
    sharp_file: str | None = None
    patient_id: str | None = None
    study_id: str | None = None
    laterality: str | None = None
    site: str | None = None
    device: str | None = None
    patient_key: str | None = None
    age: float | None = None
    sex: str | None = None
    spacing: Spacing = field(default_factory=Spacing.unknown)
    instances: tuple[Instance, ...] | None = None
    labels: Mapping[str, Any] = field(default_factory=dict)
    raters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    annotated: frozenset[str] | None = None
    flags: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Check that image, sharp partner and masks share one frame, and that a scale is one."""
        if not isinstance(self.spacing, Spacing):
            raise DataError(
                f"spacing is {self.spacing!r}",
                expected="Spacing.square(MM, 'assumed'): mm per pixel, and who says so",
                where=self.file or str(self.image_id),
                hint="a bare number could be mm or µm",
            )
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

    @property
    def stored(self) -> Pixels:
        """The loaded image at the depth of its file; `stored_grey` is its black and white.

        Raises:
            DataError: the image was not loaded.
        """
        return self.pixels if self.deep is None else self.deep

    @property
    def stored_grey(self) -> GreyScale:
        """What is black and white in `stored`."""
        return BYTE if self.deep is None else self.grey

    def with_image(self, image: Pixels) -> Sample:
        """The same sample with its image loaded."""
        return replace(self, image=image)

    def without_pixels(self) -> Sample:
        """The same sample as it was before anything was loaded."""
        return replace(self, image=None, deep=None, sharp=None, steps=(), doubts=())
