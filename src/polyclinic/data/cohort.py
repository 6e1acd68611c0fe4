"""A data set: samples without pixels, and what their numbers mean."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.facts import Facts, gather_facts
from polyclinic.data.findings import Finding
from polyclinic.data.grey import UNKNOWN, Grey, learn_grey, some_of
from polyclinic.data.images import decode, read_picture
from polyclinic.data.loading import refuse_other_size, with_picture
from polyclinic.data.partner import with_sharp
from polyclinic.data.pixels import Meant
from polyclinic.data.taught import not_taught
from polyclinic.errors import DataError, ImageError
from polyclinic.sample import Sample
from polyclinic.schema import LandmarkSchema


@dataclass(frozen=True, eq=False, kw_only=True)
class Cohort:
    """Annotated images of one data set; pixels are read one sample at a time.

    Args:
        samples: annotations with `Sample.image` None and `Sample.file` an absolute path.
        classes: names that `Instance.category` points into.
        landmark_schema: names of the landmark rows; None when no landmarks are declared.
        name: file name of the data set.
        extra: top-level keys of the COCO file besides images and annotations, written back
            unchanged.
        annotation_order: annotation ids in the order of the file.
        unread: annotation rows that could not be used, written back unchanged.
        skipped: what was left out or changed on opening, and why.
        grey: what is black and white in pixels of more than 8 bits.
        opened_digest: `digest` of the data before it was settled which of several raters' words
            counts (`polyclinic.data.raters`); None where nothing was.
    """

    samples: tuple[Sample, ...]
    classes: tuple[str, ...] = ()
    landmark_schema: LandmarkSchema | None = None
    name: str = "cohort"
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    annotation_order: tuple[int | str, ...] = field(default=(), repr=False)
    unread: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    skipped: tuple[Finding, ...] = field(default=(), repr=False)
    grey: Grey = UNKNOWN
    opened_digest: str | None = field(default=None, repr=False)

    def __len__(self) -> int:
        """Number of images."""
        return len(self.samples)

    def load(self, index: int) -> Sample:
        """The sample with its pixels, those of 16 bits and of a sharp partner where there are any.

        Raises:
            ImageError: the file, or that of its sharp partner, can't be read.
            DataError: the sample has no file, or objects were drawn on it at another size.
        """
        return with_sharp(self.load_image(index), self.grey)

    def load_image(self, index: int) -> Sample:
        """The same without the sharp partner.

        Raises:
            ImageError: the file can't be read.
            DataError: as of `load`.
        """
        sample = self.samples[index]
        if sample.image is not None:
            return sample
        if sample.file is None:
            raise DataError("the sample has neither pixels nor a file", where=str(sample.image_id))
        picture = read_picture(sample.file, self.grey)
        height, width = picture.rgb.shape[:2]
        refuse_other_size(sample, (height, width))
        return with_picture(sample, picture)

    def with_grey(self, rows: Sequence[int]) -> Cohort:
        """The same with the grey scale that some of the images of a part teach.

        Args:
            rows: of the training part. Images that can't be read teach nothing.
        """
        return replace(self, grey=learn_grey(self._decoded(rows)))

    def _decoded(self, rows: Sequence[int]) -> Iterator[tuple[Meant, NDArray[np.uint8] | None]]:
        for row in some_of(rows):
            sample = self.samples[row]
            try:
                if sample.image is not None:
                    yield Meant(values=sample.pixels), None
                elif sample.file is not None:
                    yield decode(sample.file)
            except ImageError:
                continue

    def subset(self, indices: Iterable[int]) -> Cohort:
        """The cohort of some of the samples, in the order given."""
        samples = tuple(self.samples[index] for index in indices)
        ids = {sample.image_id for sample in samples}
        unread = tuple(row for row in self.unread if row.get("image_id") in ids)
        return replace(self, samples=samples, unread=unread, opened_digest=None)

    def without_rows(self) -> Cohort:
        """The same without the rows of the file, a third of the memory: not to be written again."""
        samples = []
        for sample in self.samples:
            instances = sample.instances
            if instances is not None:
                instances = tuple(replace(one, extra={}) for one in instances)
            samples.append(replace(sample, instances=instances))
        return replace(self, samples=tuple(samples))

    def facts(self) -> Facts:
        """Names, sizes and annotation kinds, for a recipe to build on."""
        return self._facts

    @cached_property
    def _facts(self) -> Facts:
        return gather_facts(self.samples, self.classes, self.landmark_schema)

    def training_facts(self, rows: Iterable[int]) -> Facts:
        """Facts of the training images alone, and which names of the whole they can't teach.

        Args:
            rows: of the training part.
        """
        training = self.subset(rows)
        missing = not_taught(training.samples, self.facts())
        return replace(training.facts(), not_taught=missing)

    def digest(self) -> str:
        """SHA-256 over all annotations and file names; the same wherever the folder lies.

        Age and sex that only the image files state have no part in it: nothing is trained on them.
        """
        if self.opened_digest is not None:
            return self.opened_digest
        from polyclinic.data.coco.image import DEMOGRAPHICS
        from polyclinic.data.coco.write import to_coco

        document = to_coco(self)
        for sample, row in zip(self.samples, document["images"], strict=True):
            for key in DEMOGRAPHICS.keys() - sample.extra.keys():
                row.pop(key, None)
        text = json.dumps(document, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
