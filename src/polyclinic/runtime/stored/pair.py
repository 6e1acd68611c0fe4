"""Stored readings beside the annotated samples of the same images."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from polyclinic.data import Cohort
from polyclinic.data.naming import Naming
from polyclinic.errors import DataError
from polyclinic.metrics.case import Case
from polyclinic.reading import Reading
from polyclinic.sample import Sample

NOT_READ = "not read"
_SHOWN = 3
_log = logging.getLogger(__name__)


class Places:
    """Where the images of a cohort stand, by id and by file name."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._by_id: dict[int | str, int] = {}
        for place, sample in enumerate(samples):  # an image may stand there once a rater
            self._by_id.setdefault(sample.image_id, place)
        named = [(place, samples[place].file) for place in self._by_id.values()]
        names = [(place, PurePath(file).name) for place, file in named if file]
        often = Counter(name for _, name in names)
        self._by_name = {name: place for place, name in names if often[name] == 1}

    def of(self, image_id: int | str, file: str | None = None) -> int | None:
        """The place of the image with this id, else of the only one with this file name.

        Raises:
            DataError: id and file name are those of two images.
        """
        place = self._by_id.get(image_id)
        known = file or (image_id if isinstance(image_id, str) else None)
        named = self._by_name.get(PurePath(known).name) if known else None
        if place is not None and named is not None and place != named:
            raise DataError(
                f"image {image_id!r} of the readings is called {known}, which is another image "
                "of the data",
                expected="readings of these images",
            )
        return named if place is None else place


def pair_with(cohort: Cohort, readings: Sequence[Reading]) -> list[Case]:
    """Each sample of a cohort beside its reading, in the order of the cohort.

    Readings belong to the image with their id, else to the one with their file name. An image
    that nobody read gets a reading with the error "not read": nothing was found on it. Classes
    and landmarks go by name, see `polyclinic.data.naming`.

    Raises:
        DataError: a reading is of an image that the cohort lacks or that has another size, two
            are of one image, or no class or landmark is one of the cohort's.
    """
    places = Places(cohort.samples)
    found: dict[int, Reading] = {}
    lost: list[str] = []
    for reading in readings:
        place = places.of(reading.image_id, reading.file)
        if place is None:
            lost.append(_name(reading))
            continue
        if place in found:
            raise DataError(
                f"two readings are of one image: {_name(found[place])} and {_name(reading)}",
                expected="one reading an image",
            )
        found[place] = reading
    if lost:
        raise DataError(
            f"{len(lost)} readings are of images that are not in the data: {_some(lost)}",
            expected=f"images of {cohort.name}",
            hint="give the data that were read",
        )
    home = [places.of(sample.image_id) for sample in cohort.samples]
    unread = [
        _name(cohort.samples[place])
        for place in dict.fromkeys(home)
        if place is not None and place not in found
    ]
    if unread:
        _log.warning(
            "%d of %d images were not read (%s): nothing counts as found on them",
            *(len(unread), len(set(home)), _some(unread)),
        )
    known = _Namings(cohort)
    first = next((one for one in readings if one.error is None), None)
    return [
        _case(known, sample, None if place is None else found.get(place), first)
        for sample, place in zip(cohort.samples, home, strict=True)
    ]


def _case(known: _Namings, sample: Sample, reading: Reading | None, first: Reading | None) -> Case:
    """A sample with the names of the readings, also where there is none of it."""
    if reading is None or reading.error is not None:
        named = sample if first is None else known.of(first).sample(sample)
        return named, Reading(
            image_id=sample.image_id,
            size=sample.size,
            file=sample.file,
            patient_id=sample.patient_id,
            error=NOT_READ if reading is None else reading.error,
        )
    if reading.size != sample.size:
        raise DataError(
            f"the reading is of {reading.size[1]} x {reading.size[0]} pixels",
            expected=f"{sample.size[1]} x {sample.size[0]}, as annotated",
            where=_name(reading),
        )
    naming = known.of(reading)
    return naming.sample(sample), naming.reading(replace(reading, image_id=sample.image_id))


def _refuse_lacking(reading: Reading, cohort: Cohort) -> None:
    """A file that names some classes alone may be of a reader that never finds the others."""
    if reading.classes and not set(cohort.classes) <= set(reading.classes):
        raise DataError(
            f"the reading has the classes {', '.join(reading.classes)}",
            expected=f"those of the data: {', '.join(cohort.classes)}",
            where=_name(reading),
        )


class _Namings:
    """How the data are set beside readings; those of one reader are matched once."""

    def __init__(self, cohort: Cohort) -> None:
        self.cohort = cohort
        self._kept: dict[str, Naming] = {}

    def of(self, reading: Reading) -> Naming:
        """By the names that a reading was made with.

        Raises:
            DataError: they are those of something else.
        """
        schema, cohort = reading.landmark_schema, self.cohort
        missing = reading.not_read
        key = repr((reading.classes, schema, missing))
        if key not in self._kept:
            _refuse_lacking(reading, cohort)
            naming = Naming(
                own=(cohort.classes, cohort.landmark_schema),
                read=(reading.classes, schema),
                not_taught=missing,
                where=cohort.name,
            )
            naming.cohort(cohort)  # says what is left out
            self._kept[key] = naming
        return self._kept[key]


def _name(one: Reading | Sample) -> str:
    return PurePath(one.file).name if one.file else str(one.image_id)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" ..." if len(names) > _SHOWN else "")
