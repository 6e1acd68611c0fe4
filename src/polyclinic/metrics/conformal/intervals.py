"""How far around a value that was read the true one lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.metrics.conformal.quantile import least_patients, patient_quantile
from polyclinic.metrics.doubt import spread
from polyclinic.metrics.measured import MeasuredPairs


@dataclass(frozen=True, kw_only=True)
class Conformal:
    """The reach of one measurement in one unit.

    The true value lies within value -+ reach for `level` of the measurements of new patients. The
    score is the absolute difference for the `spread` that the reader's doubt lets expect. One
    relative to the value would promise no error at all for a value of 0 and would let the width
    follow a value that may itself be wrong, and choosing between scores by the calibration
    patients would spend the promise made on them.

    Args:
        name, unit: of the measurement.
        level: share of measurements whose interval holds the truth.
        reach: half width of the interval at a spread of 1; None with too few patients.
        patients: calibration patients with at least one pair.
        pairs: values read beside true ones.
        by_doubt: whether the width follows the doubt; intervals learnt by earlier versions have
            one width.
    """

    name: str
    unit: str
    level: float
    reach: float | None
    patients: int
    pairs: int
    by_doubt: bool = True

    def reach_at(self, doubt: float) -> float | None:
        """Half width of the interval of a measurement with this doubt, 0 to 1 or NaN."""
        if self.reach is None or not self.by_doubt:
            return self.reach
        return self.reach * float(spread(doubt))

    @property
    def reason(self) -> str:
        """Why there is no interval; nothing where there is one."""
        if self.reach is not None:
            return ""
        return (
            f"{self.patients} calibration patients; "
            f"{self.level * 100:g} % needs {least_patients(self.level)}"
        )

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """From plain values.

        Raises:
            DataError: a value is missing, unknown or no number.
        """
        try:
            reach = values["reach"]
            return cls(
                name=str(values["name"]),
                unit=str(values["unit"]),
                level=float(values["level"]),
                reach=None if reach is None else float(reach),
                patients=int(values["patients"]),
                pairs=int(values["pairs"]),
                by_doubt=bool(values.get("by_doubt", False)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"is not an interval: {error!r}") from error


def calibrate(pairs: MeasuredPairs, patients: NDArray[np.intp], level: float = 0.95) -> Conformal:
    """Split-conformal reach of a measurement from patients that no training has seen.

    What it promises holds for what it was calibrated on: measurements of hits where instances
    are measured.

    Args:
        pairs: of the calibration cases, with their doubts; those without a value read are left
            out.
        patients: (N,) the number of each case's patient, see `bootstrap.patient_rows`.
        level: coverage.

    Source: Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, J Am Stat Assoc 2018; 113:1094-1111
    (locally weighted split-conformal intervals); for patients see `patient_quantile`.
    """
    of, error = patients[pairs.rows], pairs.error
    made = np.isfinite(error)
    return Conformal(
        name=pairs.name,
        unit=pairs.unit,
        level=level,
        reach=patient_quantile(error / spread(pairs.doubt), of, level),
        patients=len(np.unique(of[made])),
        pairs=int(made.sum()),
    )
