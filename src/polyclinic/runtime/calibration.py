"""What a reader learns from patients it was not trained on: intervals, and when to refuse."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from polyclinic.atomic import write_json
from polyclinic.errors import DataError
from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.metrics.case import Case
from polyclinic.metrics.conformal import Conformal, calibrate
from polyclinic.metrics.doubt import image_doubt, instance_doubt
from polyclinic.metrics.measured import measured_pairs
from polyclinic.metrics.refusal import Refusal, with_refused
from polyclinic.reading import Measurement, Reading
from polyclinic.sample import Sample
from polyclinic.stored import read_json_object, values_of

FILE = "calibration.json"

Measure = Callable[[Reading], tuple[Measurement, ...]]


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Everything that was learnt from calibration patients; `calibration.json` of a run.

    Args:
        intervals: reach of each measurement and unit.
        refusal: when a reading is flagged.
        accept: the score from which on an instance counted.
        temperature: by which logits of classes are divided; None where it was not fitted.
        patients: how many there were; an image without a patient is one of its own.
        digest: SHA-256 of who they were.
    """

    intervals: tuple[Conformal, ...]
    refusal: Refusal
    accept: float
    temperature: float | None = None
    patients: int
    digest: str

    @classmethod
    def learn(
        cls,
        cases: Sequence[Case],
        truths: Sequence[Sequence[Measurement]],
        accept: float,
        *,
        level: float = 0.95,
        temperature: float | None = None,
    ) -> Self:
        """Calibrate on annotated patients that neither training nor model choice has seen.

        Args:
            cases: samples with measured readings.
            truths: measurements made on the annotation, one list a case; see `measured_pairs`.
            accept: the score from which on an instance counts.
            level: coverage of the intervals.
            temperature: fitted elsewhere, kept with the rest.
        """
        samples = [sample for sample, _ in cases]
        patients = patient_rows(samples)
        pairs = measured_pairs(cases, truths, accept)
        return cls(
            intervals=tuple(calibrate(one, patients, level) for one in pairs),
            refusal=Refusal.learn(cases, accept),
            accept=accept,
            temperature=temperature,
            patients=len(np.unique(patients)),
            digest=patients_digest(samples),
        )

    def measured(self, reading: Reading, measure: Measure) -> Reading:
        """The reading with measurements and their intervals, flagged where it is too uncertain.

        Doubtful instances are marked first, so that nothing is made of what is refused: their own
        measurements are flagged, and a doubtful image flags the reading. Intervals end where the
        quantity does, see `Domain`.

        Args:
            reading: with its accepted instances.
            measure: from a reading to its measurements.
        """
        marked = self.refusal.mark(reading, self.accept)
        intervals = {(one.name, one.unit): one for one in self.intervals}
        whole = image_doubt(marked, self.accept)
        doubts = [instance_doubt(one) for one in marked.instances or ()]

        def stated(one: Measurement) -> Measurement:
            known = intervals.get((one.name, one.unit))
            doubt = whole if one.instance is None else doubts[one.instance]
            reach = None if known is None else known.reach_at(doubt)
            return one if reach is None else one.with_reach(reach)

        return with_refused(marked.with_measurements(tuple(map(stated, measure(marked)))))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self) | {"intervals": [one.to_json() for one in self.intervals]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """From plain values.

        Raises:
            DataError: a value is missing or of another kind.
        """
        try:
            temperature = values["temperature"]
            return cls(
                intervals=tuple(Conformal.from_json(one) for one in values["intervals"]),
                refusal=Refusal(**values["refusal"]),
                accept=float(values["accept"]),
                temperature=None if temperature is None else float(temperature),
                patients=int(values["patients"]),
                digest=str(values["digest"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(f"is not a calibration: {error!r}") from error

    @classmethod
    def of_run(cls, run: Path) -> Self | None:
        """That of a run directory; None where the run was not calibrated.

        Raises:
            RunError: the file is damaged.
        """
        path = run / FILE
        return cls.read(path) if path.exists() else None

    def write(self, path: Path) -> Path:
        """Write as JSON; a reader never sees half a file."""
        return write_json(self.to_json(), path, indent=2)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote.

        Raises:
            RunError: there is no such file, or it is damaged.
        """
        with values_of(path, hint="calibrate the run again with polyclinic calibrate"):
            return cls.from_json(read_json_object(path))


def patients_digest(samples: Sequence[Sample]) -> str:
    """SHA-256 of the patients of samples, the same in any order of the samples."""
    names = {
        ("image", str(one.image_id)) if one.patient_id is None else ("patient", one.patient_id)
        for one in samples
    }
    return hashlib.sha256(json.dumps(sorted(names)).encode()).hexdigest()
