"""`polyclinic calibrate`: learn how far measurements err on patients of your own."""

from __future__ import annotations

from polyclinic.cli.console import make_console
from polyclinic.cli.interruption import leaving
from polyclinic.cli.options import Data, Reference, Run


def calibrate(run: Run, data: Data, reference: Reference = None) -> None:
    """Learn intervals of measurements, and when to refuse, from annotated patients.

    They must be patients that the run has not seen; 19 or more give intervals of 95 %. The run's
    calibration.json is replaced, and `read` states the intervals from then on.
    """
    from polyclinic.evaluation.calibrate import calibrate as learn

    with leaving(lambda: "the run is as it was: the same command begins anew"):
        learn(run, data, make_console(), reference=reference)
