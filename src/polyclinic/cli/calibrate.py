"""`polyclinic calibrate`: learn how far measurements err on patients of your own."""

from __future__ import annotations

from polyclinic.cli.console import make_console
from polyclinic.cli.interruption import leaving
from polyclinic.cli.options import Data, Reference, Run, Trust
from polyclinic.trusted import trust as trust_modules


def calibrate(run: Run, data: Data, reference: Reference = None, trust: Trust = None) -> None:
    """Learn intervals of measurements, and when to refuse, from annotated patients.

    They must be patients that the run has not seen; 19 or more give intervals of 95 %. The run's
    calibration.json is replaced, and `read` states the intervals from then on.
    """
    from polyclinic.atomic import check_writable
    from polyclinic.evaluation.calibrate import calibrate as learn

    trust_modules(*(trust or ()))
    if run.is_dir():
        check_writable(run / "calibration.json")
    with leaving(lambda: "the run is as it was: the same command begins anew"):
        learn(run, data, make_console(), reference=reference)
