"""Several readers of the same things, read as one."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any, Self

from polyclinic.errors import DataError
from polyclinic.measure.measurer import Measurer
from polyclinic.reading import Reading
from polyclinic.reading.reading import NOT_READ
from polyclinic.runtime.exported.describe import describe, make
from polyclinic.runtime.fuse import fuse_readings
from polyclinic.runtime.reads import BaseReader, Keep, OpenNetwork, Values, seen_by
from polyclinic.sample import Sample

if TYPE_CHECKING:
    from polyclinic.tasks import Task

CANDIDATE = 0.05
"""Instances that a member scores lower are not brought to the fusion."""


class Ensemble(BaseReader):
    """Fuses what its members read; see `polyclinic.runtime.fuse`.

    Members bring all candidates, whatever their own thresholds, and the ensemble's threshold is
    laid on the fused scores. Measurements are made once, of the fused reading. A member whose
    training part could not teach a task has no say in it.

    Args:
        members: readers with the same classes, landmarks and frame; they stay as they are.
        accept: fused instances with a lower score are not reported; the mean of the members'
            thresholds unless given.

    Raises:
        DataError: there is no member, or they read different things.
    """

    def __init__(self, members: Sequence[BaseReader], *, accept: float | None = None) -> None:
        _check_alike(members)
        first = members[0]
        super().__init__(
            frame=first.frame,
            classes=first.classes,
            landmark_schema=next(filter(None, (one.landmark_schema for one in members)), None),
            measurer=first.measurer,
            provenance=_shared(members) | _not_read(members) | {"members": len(members)},
            accept=fmean(one.accept for one in members) if accept is None else accept,
            grey=first.grey,
        )
        self.members = tuple(_bringing_candidates(one) for one in members)

    @property
    def precision(self) -> str:
        """That of the first member; the others have the same."""
        return self.members[0].precision

    @property
    def task_list(self) -> list[Task]:
        """The tasks of the first member; the others have the same."""
        return self.members[0].task_list

    def describe(self, keep: Keep, prefix: str) -> dict[str, Any]:
        """Its members, and what is done with what they say."""
        return {
            "accept": self.accept,
            "measurer": self.measurer.to_json(),
            "members": [
                describe(one, keep, f"{prefix}{number}-") for number, one in enumerate(self.members)
            ],
        }

    @classmethod
    def made(cls, values: Values, open_network: OpenNetwork) -> Self:
        """The way back."""
        members = [make(one, open_network) for one in values["members"]]
        ensemble = cls(members, accept=values["accept"])
        ensemble.measurer = Measurer.from_json(values["measurer"])  # its members measure nothing
        return ensemble

    def read_batch(self, samples: Sequence[Sample]) -> list[Reading]:
        """Read loaded samples with every member and fuse what they say of each.

        Each sees the brightness that it was trained on.
        """
        by_member = [
            member.read_batch([seen_by(sample, member.grey) for sample in samples])
            for member in self.members
        ]
        return [
            self._fused(sample, readings)
            for sample, *readings in zip(samples, *by_member, strict=True)
        ]

    def _fused(self, sample: Sample, readings: Sequence[Reading]) -> Reading:
        fused = fuse_readings(readings, self.provenance).accepted(self.accept)
        if fused.error is not None:
            return self.measured(fused)
        return self.measured(self.members[0].completed(sample, fused))


def _bringing_candidates(reader: BaseReader) -> BaseReader:
    member = reader.with_candidates()
    member.accept = CANDIDATE
    return member


def _shared(members: Sequence[BaseReader]) -> dict[str, Any]:
    """What all members have in common of where they come from."""
    first, *others = (one.provenance for one in members)
    return {
        key: value
        for key, value in first.items()
        if key != NOT_READ and all(one.get(key) == value for one in others)
    }


def _not_read(members: Sequence[BaseReader]) -> dict[str, Any]:
    """The names that no member was taught."""
    given = [one.provenance.get(NOT_READ, {}) for one in members]
    names = {
        kind: [
            name for name in given[0].get(kind, ()) if all(name in o.get(kind, ()) for o in given)
        ]
        for kind in ("classes", "masks", "landmarks")
    }
    labels = {
        label: [v for v in values if all(v in o.get("labels", {}).get(label, ()) for o in given)]
        for label, values in given[0].get("labels", {}).items()
    }
    shared = names | {"labels": {label: values for label, values in labels.items() if values}}
    shared = {kind: some for kind, some in shared.items() if some}
    return {NOT_READ: shared} if shared else {}


def _do_not_meet(members: Sequence[BaseReader]) -> bool:
    """Whether two members with tasks share none; those of one recipe differ by what was taught."""
    tasks = [set(one.task_names) for one in members]
    return any(tasks[0] and some and not tasks[0] & some for some in tasks[1:])


def _check_alike(members: Sequence[BaseReader]) -> None:
    if not members:
        raise DataError("an ensemble has no member", expected="one or more readers")
    classes = {one.classes for one in members}
    schemas = {one.landmark_schema for one in members} - {None}
    if len(classes) > 1 or len(schemas) > 1 or _do_not_meet(members):
        raise DataError(
            "the members of an ensemble read different classes, landmarks or tasks",
            expected="readers of one recipe, trained on data with the same names",
        )
