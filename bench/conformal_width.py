"""How often intervals of measurements hold, and how wide they are, beside the narrowest there are.

python -m bench.conformal_width RUN DATA [RUN DATA ...] --out docs/results/conformal_width.json

The images that a run has not seen are read once: its held-out part, or all of other data. Then
their patients are dealt at random, again and again: some calibrate, the others are judged. Beside
what the package does stand the same without regard to doubt, the weighted quantile of all values
(hierarchical conformal prediction, the rule of earlier versions), and the narrowest interval of
one width that would have held 95 % of the judged measurements, which nobody can know beforehand.
Simulations ask the rule for several measurements a patient what it holds where the truth is known.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.atomic import write_json
from polyclinic.data import open_cohort
from polyclinic.evaluation.runs import read_run
from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.metrics.conformal import least_patients, patient_quantile
from polyclinic.metrics.doubt import spread
from polyclinic.metrics.measured import MeasuredPairs, measured_pairs
from polyclinic.runs.calibrate import measured_cases

LEVEL = 0.95
SPLITS = 200
Values = NDArray[np.float64]
Rows = NDArray[np.intp]
Quantile = Callable[[Values, Rows], float | None]


def weighted_quantile(values: Values, patients: Rows) -> float | None:
    """Of all values, where each of K patients weighs 1 / (K + 1) and the last lies at infinity."""
    order = np.argsort(values)
    reached = np.cumsum(weights(patients)[order]) * len(np.unique(patients))
    row = np.searchsorted(reached, LEVEL * (len(np.unique(patients)) + 1) - 1e-9)
    return None if row == len(order) else float(values[order[row]])


def weights(patients: Rows) -> Values:
    """(M,) shares of 1: each patient the same, whatever the number of their values."""
    _, home, counts = np.unique(patients, return_inverse=True, return_counts=True)
    return np.asarray(1 / counts[home] / len(counts))


def narrowest(error: Values, patients: Rows) -> float:
    """Half of the least width that holds 95 % of these errors."""
    order = np.argsort(error)
    reached = np.cumsum(weights(patients)[order])
    return float(error[order[np.searchsorted(reached, LEVEL - 1e-9)]])


def judged(pairs: MeasuredPairs, patients: Rows, count: int) -> dict[str, Any] | None:
    """Coverage and width of one measurement over repeated deals; None with too few patients."""
    made = np.isfinite(pairs.error)
    error, of, doubt = pairs.error[made], patients[pairs.rows][made], spread(pairs.doubt[made])
    people = np.unique(of)
    if len(people) < 2 * least_patients(LEVEL):
        return None
    rules: dict[str, tuple[Quantile, Values]] = {
        "ours": (patient_quantile, doubt),
        "one_width": (patient_quantile, np.ones_like(error)),
        "weighted_quantile": (weighted_quantile, np.ones_like(error)),
    }
    random = np.random.default_rng(0)
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in rules}
    least = []
    for _ in range(SPLITS):
        known = np.isin(of, random.permutation(people)[:count])
        least.append(2 * narrowest(error[~known], of[~known]))
        for name, (quantile, scale) in rules.items():
            bound = quantile(error[known] / scale[known], of[known])
            assert bound is not None
            reach = bound * scale[~known]
            held = float(weights(of[~known]) @ (error[~known] <= reach + 1e-12))
            found[name].append((held, 2 * float(np.median(reach)), 2 * float(reach.mean())))
    return {
        "name": pairs.name,
        "unit": pairs.unit,
        "values": len(error),
        "patients": len(people),
        "mae": float(error.mean()),
        "narrowest_width": float(np.median(least)),
        **{name: _summary(np.array(rows), np.array(least)) for name, rows in found.items()},
    }


def _summary(rows: Values, least: Values) -> dict[str, Any]:
    ratio = float(np.median(rows[:, 1] / least)) if least.all() else None
    return {
        "coverage": float(rows[:, 0].mean()),
        "median_width": float(np.median(rows[:, 1])),
        "mean_width": float(np.median(rows[:, 2])),
        "of_narrowest": ratio,
    }


def measured(run: Path, data: Path, count: int) -> dict[str, Any]:
    """Every measurement of the images that a run has not seen."""
    subject = read_run(run, open_cohort(data), None, None)
    kept = [(sample, reading.accepted(subject.accept)) for sample, reading in subject.cases]
    cases = measured_cases(kept, subject.measure, subject.accept)
    patients = patient_rows([sample for sample, _ in cases])
    pairs = measured_pairs(cases, subject.truths(cases), subject.accept)
    return {
        "recipe": subject.provenance.get("recipe"),
        "images": len(cases),
        "patients": len(np.unique(patients)),
        "calibration_patients": count,
        "splits": SPLITS,
        "measurements": [one for one in (judged(p, patients, count) for p in pairs) if one],
    }


Errors = Callable[[np.random.Generator, Rows], Values]
SIMULATED: dict[str, Errors] = {
    "independent": lambda random, of: random.normal(size=len(of)),
    "heavy tails": lambda random, of: random.standard_t(2, len(of)),
    "3 % outliers": lambda random, of: (
        random.normal(size=len(of)) * np.where(random.random(len(of)) < 0.03, 20, 1)
    ),
    "patients are off": lambda random, of: (
        random.normal(size=of.max() + 1)[of] + 0.7 * random.normal(size=len(of))
    ),
    "patients differ in spread": lambda random, of: (
        np.exp(0.7 * random.normal(size=of.max() + 1))[of] * random.normal(size=len(of))
    ),
    "8 % of patients are read badly": lambda random, of: (
        np.where(random.random(of.max() + 1) < 0.08, 20, 1)[of] * random.normal(size=len(of))
    ),
    "all values of a patient alike": lambda random, of: random.normal(size=of.max() + 1)[of],
}
"""How errors of measurements are drawn."""
EACH = {"1": (1, 1), "2": (2, 2), "10": (10, 10), "1 to 8": (1, 8)}
"""Measurements a patient, fewest and most."""


def simulations(sets: int) -> Iterator[dict[str, Any]]:
    """Coverage of new patients, and width for the narrowest, of the two rules."""
    for name, errors in SIMULATED.items():
        for each, (low, high) in EACH.items():
            for count in (20, 60):
                random = np.random.default_rng(count)
                of, new = (
                    np.repeat(np.arange(n), random.integers(low, high + 1, n))
                    for n in (count, 100 * count)
                )
                truth = np.abs(errors(random, new))
                share, least = weights(new), narrowest(truth, new)
                rows = []
                for _ in range(sets):
                    error = np.abs(errors(random, of))
                    bounds = [patient_quantile(error, of), weighted_quantile(error, of)]
                    rows.append([(share @ (truth <= b), b / least) for b in bounds if b])
                held, ratio = np.moveaxis(np.array(rows), 2, 0)
                yield {
                    "errors": name,
                    "values_a_patient": each,
                    "calibration_patients": count,
                    "coverage": float(held[:, 0].mean()),
                    "of_narrowest": float(np.median(ratio[:, 0])),
                    "weighted_quantile_coverage": float(held[:, 1].mean()),
                    "weighted_quantile_of_narrowest": float(np.median(ratio[:, 1])),
                }


def table(result: dict[str, Any]) -> str:
    """What came out of one run, as Markdown."""
    lines = [
        "| measurement | mean error | coverage | median width | narrowest | weighted quantile |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    for one in result["measurements"]:
        ours, before = one["ours"], one["weighted_quantile"]
        unit = {"1": "", "um": " µm", "count": ""}.get(one["unit"], f" {one['unit']}")
        lines.append(
            f"| `{one['name']}` | {one['mae']:.3g}{unit} | {ours['coverage']:.3f} "
            f"| {ours['median_width']:.3g} | {one['narrowest_width']:.3g} "
            f"| {before['coverage']:.3f}, {before['median_width']:.3g} |"
        )
    return "\n".join(lines)


def main(given: Sequence[str] | None = None) -> None:
    """Measure, simulate, print and store."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path, help="RUN DATA, again and again")
    parser.add_argument("--patients", type=int, default=20, help="calibration patients")
    parser.add_argument("--sets", type=int, default=150, help="simulated sets of each kind")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(given)
    if len(options.paths) % 2:
        parser.error("give each run with its data")
    found = []
    for run, data in zip(options.paths[::2], options.paths[1::2], strict=True):
        found.append(measured(run, data, options.patients))
        print(f"{found[-1]['recipe']}\n{table(found[-1])}\n")
    write_json({"runs": found, "simulated": list(simulations(options.sets))}, options.out, indent=1)


if __name__ == "__main__":
    main()
