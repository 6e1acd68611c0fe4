"""How large errors are, and by how much two variants differ.

Shape letters: S seeds, K test cases, L ways of looking at one, R draws of patients.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from polyclinic.metrics.bootstrap import patient_draws
from polyclinic.metrics.figure import Figure, Values

DRAWS = 2000
POWER = 0.8
Measure = Callable[[Values], Figure]
"""(K, L) values of K test cases to a figure over them."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean over seeds.

    Args:
        value: the mean.
        lower, upper: 95 % interval.
        of_seeds: the value of each seed.
        patients_sd, seeds_sd: what patients and what seeds add to the standard error of `value`.
        detectable: the true difference that such an experiment shows, with 95 % confidence, four
            times in five.
    """

    value: float
    lower: float
    upper: float
    of_seeds: tuple[float, ...]
    patients_sd: float
    seeds_sd: float
    detectable: float


def difference(
    variant: Sequence[Values], baseline: Sequence[Values], patients: Sequence[str], measure: Measure
) -> Estimate:
    """A variant less its baseline on the same cases, trained with the same seeds.

    The interval is for new patients *and* new trainings: patients are drawn (2000 bootstrap draws,
    the same for both, means over seeds), the variance between seeds is that of the differences of
    each seed; both add up, with degrees of freedom after Satterthwaite. With three seeds it gets
    wide where seeds matter: three trainings can't say more. It takes for granted that seeds are
    about normal, and it is a little too wide, as what patients and seeds share counts twice.

    Args:
        variant: S times (K, L) values.
        baseline: the same of the baseline.
        patients: K.
        measure: what is compared.

    Source: Satterthwaite, Biometrics Bulletin 1946; 2:110-114; patients and trainings are crossed
    random effects, as readers and cases are in Obuchowski and Rockette, Commun Stat Simul 1995.
    """
    both = [
        (measure(np.asarray(one)), measure(np.asarray(other)))
        for one, other in zip(variant, baseline, strict=True)
    ]
    rows = np.unique(np.asarray(patients), return_inverse=True)[1]
    count = int(rows.max()) + 1
    weights = np.concatenate(list(patient_draws(rows, DRAWS)))
    drawn = np.mean([one.weighted(weights) - other.weighted(weights) for one, other in both], 0)
    once = np.ones((1, len(rows)))
    each = np.array([(one.weighted(once) - other.weighted(once))[0] for one, other in both])
    parts = [(float(drawn.var(ddof=1)) * count / max(count - 1, 1), count - 1)]
    if len(each) > 1:
        parts.append((float(each.var(ddof=1)) / len(each), len(each) - 1))
    reach = half_width(parts)
    value = float(each.mean())
    return Estimate(
        value=value,
        lower=value - reach,
        upper=value + reach,
        of_seeds=tuple(each.tolist()),
        patients_sd=parts[0][0] ** 0.5,
        seeds_sd=parts[1][0] ** 0.5 if len(parts) > 1 else 0.0,
        detectable=reach + half_width(parts, level=2 * POWER - 1),
    )


def half_width(parts: Sequence[tuple[float, int]], level: float = 0.95) -> float:
    """Half of an interval from independent variances, each with its degrees of freedom."""
    total = sum(variance for variance, _ in parts)
    if total <= 0:
        return 0.0
    freedom = float(total**2) / sum(variance**2 / df for variance, df in parts if variance > 0)
    return float(t.ppf((1 + level) / 2, freedom) * np.sqrt(total))


def spread(errors: Sequence[Values], measure: Measure) -> tuple[float, float | None]:
    """Mean over seeds, and the standard deviation over seeds where there are several."""
    each = [measure(one).weighted(np.ones((1, len(one))))[0] for one in errors]
    return float(np.mean(each)), float(np.std(each, ddof=1)) if len(each) > 1 else None
