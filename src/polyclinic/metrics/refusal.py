"""When a reader says that it is not to be relied on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.metrics.case import Case, found, score_of
from polyclinic.metrics.conformal import patient_quantile
from polyclinic.metrics.doubt import image_doubt, instance_doubt
from polyclinic.reading import REFUSED, Reading

LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The doubts above which a reading is flagged.

    They are conformal bounds, patient by patient: of readings like those of the calibration, at
    most 5 % are refused on average over patients. With too few patients nothing is refused.

    Args:
        instance: doubt of a found instance; None with too few calibration patients.
        image: doubt of a whole image; None with too few, or where no doubt is known.
    """

    instance: float | None = None
    image: float | None = None

    @classmethod
    def learn(cls, cases: Sequence[Case], accept: float) -> Self:
        """Bounds from the readings of calibration patients; annotations are not needed.

        Args:
            cases: of the calibration patients.
            accept: the score from which on an instance counts.
        """
        patients = patient_rows([sample for sample, _ in cases])
        kept = [[one for one in found(case) if score_of(one) >= accept] for case in cases]
        doubts = [instance_doubt(one) for instances in kept for one in instances]
        homes = np.repeat(patients, [len(instances) for instances in kept])
        images = [image_doubt(reading, accept) for _, reading in cases]
        return cls(
            instance=patient_quantile(doubts, homes, LEVEL),
            image=patient_quantile(images, patients, LEVEL),
        )

    def mark(self, reading: Reading, accept: float) -> Reading:
        """The reading with its doubtful instances marked, and flagged where it is doubtful itself.

        It comes before measuring, so that nothing is made of refused values.

        Args:
            reading: whether measured or not.
            accept: the score from which on an instance counts.
        """
        instances = reading.instances
        if instances is not None and self.instance is not None:
            instances = tuple(
                replace(one, refused=doubtful)
                if one.refused != (doubtful := _beyond(instance_doubt(one), self.instance))
                else one
                for one in instances
            )
        flags = reading.flags
        if _beyond(image_doubt(reading, accept), self.image):
            flags = tuple(dict.fromkeys((*flags, REFUSED)))
        return replace(reading, instances=instances, flags=flags)


def with_refused(reading: Reading) -> Reading:
    """The reading with `REFUSED` on the measurements of its refused instances."""
    rows = reading.instances or ()
    measurements = tuple(
        replace(one, flags=(*one.flags, REFUSED))
        if one.instance is not None and rows[one.instance].refused and not one.refused
        else one
        for one in reading.measurements
    )
    return reading.with_measurements(measurements)


def _beyond(doubt: float, bound: float | None) -> bool:
    """Whether a doubt is too large; an unknown one (NaN) never is."""
    return bound is not None and doubt > bound
