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
from polyclinic.reading import Measurement, Reading

LEVEL = 0.95
REFUSED = "refused: less certain than 95 % of the calibration readings"


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

    def flag(self, reading: Reading, accept: float) -> Reading:
        """The reading with `REFUSED` on what is too doubtful.

        A doubtful instance flags its measurements, a doubtful image flags the reading.

        Args:
            reading: with its measurements.
            accept: the score from which on an instance counts.
        """
        instances = reading.instances or ()
        doubtful = {
            row for row, one in enumerate(instances) if _beyond(instance_doubt(one), self.instance)
        }
        measurements = tuple(
            _flagged(one) if one.instance in doubtful else one for one in reading.measurements
        )
        flags = reading.flags
        if _beyond(image_doubt(reading, accept), self.image):
            flags = _with_refused(flags)
        return replace(reading, measurements=measurements, flags=flags)


def _flagged(one: Measurement) -> Measurement:
    return replace(one, flags=_with_refused(one.flags))


def _with_refused(flags: tuple[str, ...]) -> tuple[str, ...]:
    return flags if REFUSED in flags else (*flags, REFUSED)


def _beyond(doubt: float, bound: float | None) -> bool:
    """Whether a doubt is too large; an unknown one (NaN) never is."""
    return bound is not None and doubt > bound
