"""A data set: samples without pixels, and what their numbers mean."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from polyclinic.data.facts import Facts, count_labels, gather_facts
from polyclinic.data.findings import Finding
from polyclinic.data.images import read_picture
from polyclinic.data.partner import with_sharp
from polyclinic.errors import DataError
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
    opened_digest: str | None = field(default=None, repr=False)

    def __len__(self) -> int:
        """Number of images."""
        return len(self.samples)

    def load(self, index: int) -> Sample:
        """The sample with its pixels, those of 16 bits and of a sharp partner where there are any.

        Raises:
            ImageError: the file, or that of its sharp partner, can't be read.
            DataError: the sample has no file, or the file's size differs from the annotations'.
        """
        return with_sharp(self.load_image(index))

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
        picture = read_picture(sample.file)
        return replace(sample, image=picture.rgb, deep=picture.deep)

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
        """Names and kinds of the whole; what is estimated comes from the training images alone.

        Args:
            rows: of the training part.
        """
        training = self.subset(rows)
        return replace(
            self.facts(),
            landmark_margins=training.facts().landmark_margins,
            label_counts=count_labels(training.samples, self.facts().label_values),
        )

    def digest(self) -> str:
        """SHA-256 over all annotations and file names; the same wherever the folder lies."""
        if self.opened_digest is not None:
            return self.opened_digest
        from polyclinic.data.coco.write import to_coco

        text = json.dumps(to_coco(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
