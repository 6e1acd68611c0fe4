"""What every metric is given: an annotated sample beside the reading of its image."""

from __future__ import annotations

from collections.abc import Sequence

from polyclinic.errors import DataError
from polyclinic.reading import Reading
from polyclinic.sample import Instance, Sample, Spacing

Case = tuple[Sample, Reading]


def instance_cases(cases: Sequence[Case]) -> list[Case]:
    """The cases in which instances were both annotated, all of them, and looked for.

    An image that the reader failed to open stays in, as one in which nothing was found: leaving
    it out would make a reader that fails on hard images look better. Each stays the object that
    it was, so that its place among the cases can be found again.

    Raises:
        DataError: sample and reading are not of the same image.
    """
    for sample, reading in cases:
        if sample.image_id != reading.image_id or sample.size != reading.size:
            raise DataError(
                f"annotation of image {sample.image_id!r} {sample.size} stands beside a reading "
                f"of image {reading.image_id!r} {reading.size}",
                expected="pairs of the same image",
            )
    return [
        case
        for case in cases
        if case[0].objects_complete and (case[1].instances is not None or case[1].error is not None)
    ]


def annotated(case: Case) -> tuple[Instance, ...]:
    """Annotated instances of a case."""
    return case[0].instances or ()


def found(case: Case) -> tuple[Instance, ...]:
    """Found instances of a case."""
    return case[1].instances or ()


def class_names(cases: Sequence[Case]) -> tuple[str, ...]:
    """The class names that all readings share; annotations point into the same list.

    Raises:
        DataError: the readings were made with different classes.
    """
    names = {reading.classes for _, reading in cases if reading.error is None}
    if len(names) > 1:
        raise DataError(
            f"the readings use {len(names)} different lists of classes",
            expected="readings of one reader",
        )
    return next(iter(names), ())


def spacing_of(case: Case) -> Spacing:
    """The annotated scale, else the one that the reader was told."""
    sample, reading = case
    return sample.spacing if sample.spacing.known else reading.spacing


def score_of(instance: Instance) -> float:
    """Confidence of a found instance; one without a score is taken as certain."""
    return 1.0 if instance.score is None else instance.score
