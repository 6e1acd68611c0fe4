"""The names of a data set and those of a reader: the one place where they are matched.

Classes and landmarks are numbers in arrays, and two data sets may count them in different orders.
Everything that sets annotations beside readings comes through here, and goes by name.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from polyclinic.data.cohort import Cohort
from polyclinic.data.taught import NotTaught
from polyclinic.errors import DataError, nearest
from polyclinic.reading import Reading
from polyclinic.sample import Instance, Sample
from polyclinic.schema import LandmarkSchema

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Naming:
    """How samples with the names of a data set are written with those of a reader.

    What the reader does not know, or was never taught, is neither a hit nor a miss: such objects
    become uncounted regions, such landmarks and values not annotated. Finds of a class that the
    data do not name can't be judged, and are left out. All of it is said.

    Args:
        own: class names and landmarks of the data.
        read: those of the reader; no class names where it finds no objects.
        not_taught: names that the reader was never taught.
        where: name of the data, for messages.

    Raises:
        DataError: the two have no class or no landmark in common, or pair landmarks of two sides
            in another way.
    """

    own: tuple[tuple[str, ...], LandmarkSchema | None]
    read: tuple[tuple[str, ...], LandmarkSchema | None]
    not_taught: NotTaught = field(default_factory=dict)
    where: str = "the data"

    def __post_init__(self) -> None:
        """Refuse data of something else."""
        (classes, schema), (known, landmarks) = self.own, self.read
        if classes and known and not set(classes) & set(known):
            self._refuse("classes", classes, known)
        if schema is None or landmarks is None:
            return
        if not set(schema.names) & set(landmarks.names):
            self._refuse("landmarks", schema.names, landmarks.names)
        mine, theirs = _partners(schema), _partners(landmarks)
        for name in mine.keys() & theirs.keys():
            if mine[name] != theirs[name]:
                raise DataError(
                    f"the landmark {name!r} changes places with {mine[name]!r}",
                    expected=f"{theirs[name]!r}, as in the data of the run",
                    where=self.where,
                )

    def _refuse(self, kind: str, own: Sequence[str], known: Sequence[str]) -> None:
        raise DataError(
            f"the data have the {kind} {', '.join(own)}",
            expected=f"those of the run: {', '.join(known)}",
            where=self.where,
            hint=f"data of another kind can't be judged; rename what is meant ({own[0]!r}: "
            f"{nearest(own[0], known)})",
        )

    @property
    def changes_nothing(self) -> bool:
        """Whether both have the same names in the same order, and all were taught."""
        return not self.not_taught and self._rows_alike

    @property
    def _rows_alike(self) -> bool:
        (classes, schema), (known, landmarks) = self.own, self.read
        names = [None if one is None else one.names for one in (schema, landmarks)]
        alike = None in names or names[0] == names[1]
        return alike and (classes == known or not (classes and known))

    def cohort(self, cohort: Cohort) -> Cohort:
        """The data set with the names of the reader; says what is left out."""
        if self.changes_nothing:
            return cohort
        for line in self._lines(cohort.samples):
            _log.warning("%s: %s", self.where, line)
        (_, schema), (known, landmarks) = self.own, self.read
        return replace(
            cohort,
            samples=tuple(self.sample(one) for one in cohort.samples),
            classes=known or cohort.classes,
            landmark_schema=landmarks if landmarks and schema else schema,
        )

    def sample(self, sample: Sample) -> Sample:
        """A sample with the names of the reader."""
        if self.changes_nothing:
            return sample
        instances = sample.instances
        return replace(
            sample,
            instances=None if instances is None else tuple(map(self._instance, instances)),
            labels={k: v for k, v in sample.labels.items() if not self._is_untaught(k, v)},
        )

    def reading(self, reading: Reading) -> Reading:
        """A reading without finds of classes that the data do not name."""
        if not self.unnamed or not reading.instances:
            return reading
        kept = [row for row, one in enumerate(reading.instances) if self._is_named(one)]
        place = {row: new for new, row in enumerate(kept)}
        return replace(
            reading,
            instances=tuple(reading.instances[row] for row in kept),
            measurements=tuple(
                replace(one, instance=None if one.instance is None else place[one.instance])
                for one in reading.measurements
                if one.instance is None or one.instance in place
            ),
        )

    @cached_property
    def unnamed(self) -> tuple[str, ...]:
        """Classes that the reader tells apart and the data do not name."""
        (classes, _), (known, _) = self.own, self.read
        untaught = self.not_taught.get("classes", ())
        return tuple(one for one in known if classes and one not in (*classes, *untaught))

    @cached_property
    def _class_row(self) -> dict[int, int | None]:
        """From a class of the data to that of the reader; None where it is not read."""
        (classes, _), (known, _) = self.own, self.read
        if not known:
            return {row: row for row in range(len(classes))}
        untaught = set(self.not_taught.get("classes", ()))
        return {
            row: known.index(name) if name in known and name not in untaught else None
            for row, name in enumerate(classes)
        }

    @cached_property
    def _landmark_rows(self) -> list[int | None] | None:
        """For each landmark of the reader its row in the data; None where not to be judged."""
        schema, landmarks = self.own[1], self.read[1]
        if schema is None or landmarks is None:
            return None
        untaught = set(self.not_taught.get("landmarks", ()))
        return [
            schema.names.index(name) if name in schema.names and name not in untaught else None
            for name in landmarks.names
        ]

    def _instance(self, one: Instance) -> Instance:
        row = None if one.category is None else self._class_row[one.category]
        if one.category is not None and row is None:
            return replace(one, category=None, landmarks=None, crowd=True)
        mask = None if self._is_maskless(one) else one.mask
        landmarks, rows = one.landmarks, self._landmark_rows
        if landmarks is not None and rows is not None:
            given = np.vstack([landmarks, np.zeros(3)])
            landmarks = given[[-1 if place is None else place for place in rows]]
        return replace(one, category=row, mask=mask, landmarks=landmarks)

    def _is_maskless(self, one: Instance) -> bool:
        name = None if one.category is None else self.own[0][one.category]
        return name in self.not_taught.get("masks", ())

    def _is_named(self, one: Instance) -> bool:
        return one.category is None or self.read[0][one.category] not in self.unnamed

    def _is_untaught(self, label: str, value: object) -> bool:
        return value in self.not_taught.get("labels", {}).get(label, ())

    def _lines(self, samples: Sequence[Sample]) -> list[str]:
        """What is not judged, a line a name."""
        objects = [one for sample in samples for one in sample.instances or () if not one.crowd]
        often = _counted(objects, self.own[0])
        lines = [
            f"the run does not read the class {name!r}: its {often[name]} objects are neither "
            "hits nor misses"
            for row, name in enumerate(self.own[0])
            if self._class_row[row] is None and often.get(name)
        ]
        lines += [
            f"the data name no {name!r}: what is found of it is not judged" for name in self.unnamed
        ]
        rows, (schema, landmarks) = self._landmark_rows, (self.own[1], self.read[1])
        if rows is not None and schema is not None and landmarks is not None:
            lines += [
                f"the run does not read the landmark {name!r}: it is not judged"
                for row, name in enumerate(schema.names)
                if row not in rows and _is_labelled(objects, row)
            ]
            untaught = self.not_taught.get("landmarks", ())
            lines += [
                f"the data have no landmark {name!r}: it is not judged"
                for name in landmarks.names
                if name not in (*schema.names, *untaught)
            ]
        left = [k for one in samples for k, v in one.labels.items() if self._is_untaught(k, v)]
        lines += [
            f"the run was never taught some values of the label {label!r}: "
            f"{left.count(label)} images are not judged by it"
            for label in dict.fromkeys(left)
        ]
        return lines


def _partners(schema: LandmarkSchema) -> Mapping[str, str]:
    both = [*schema.swaps, *(pair[::-1] for pair in schema.swaps)]
    return {first: second for first, second in both}


def _counted(objects: Sequence[Instance], classes: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in objects:
        if one.category is not None:
            found[classes[one.category]] = found.get(classes[one.category], 0) + 1
    return found


def _is_labelled(objects: Sequence[Any], row: int) -> bool:
    return any(one.landmarks is not None and one.landmarks[row, 2] > 0 for one in objects)
