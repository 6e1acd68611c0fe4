"""What is stored of a study: means over seeds, and differences with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from bench.evidence.statistics import MEASURES, Estimate, difference, spread
from bench.evidence.study import Group, Outcome, Study, Variant

COMPARED = ("mean_mm", "pck_1mm", "pck_2mm", "outliers_10mm")

INTERVAL = (
    "95 %, of the difference of the means over seeds, for new patients and new trainings: "
    "variance over drawn test patients plus variance of the seeds' differences, degrees of freedom "
    "after Satterthwaite"
)


def result_of(study: Study, groups: Sequence[Group]) -> dict[str, Any]:
    """All groups whose outcomes are complete."""
    shown = [one for group in groups if (one := _group(study, group)) is not None]
    return {"seeds": list(study.seeds), "interval": INTERVAL, "groups": shown}


def _group(study: Study, group: Group) -> dict[str, Any] | None:
    outcomes: dict[str, list[Outcome]] = {}
    for variant in group.variants:
        found = study.outcomes(variant)
        if found is None:
            return None
        outcomes[variant.name] = found
    [knees] = {len(one.patients) for found in outcomes.values() for one in found}
    patients = {one.patients for found in outcomes.values() for one in found}
    assert len(patients) == 1, "variants of a group were tested on other knees"
    return {
        "name": group.name,
        "question": group.question,
        "test_knees": knees,
        "test_patients": len(set(*patients)),
        "rows": [_row(variant, outcomes[variant.name]) for variant in group.variants],
        "differences": [
            _compared(one, other, outcomes[one.name], outcomes[other.name])
            for one, other in group.pairs
        ],
    }


def _row(variant: Variant, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    errors = [one.errors_mm for one in outcomes]
    measures = {}
    for name, measure in MEASURES.items():
        mean, sd = spread(errors, measure)
        measures[name] = {"mean": round(mean, 4), "sd": None if sd is None else round(sd, 4)}
    return {
        "name": variant.name,
        "meaning": variant.meaning,
        "parameters": outcomes[0].parameters,
        "steps": outcomes[0].steps,
        "seconds": round(float(np.mean([one.seconds for one in outcomes])), 1),
        "measures": measures,
    }


def _compared(
    variant: Variant, baseline: Variant, ours: Sequence[Outcome], theirs: Sequence[Outcome]
) -> dict[str, Any]:
    pairs = ([one.errors_mm for one in ours], [one.errors_mm for one in theirs])
    found = {name: difference(*pairs, ours[0].patients, MEASURES[name]) for name in COMPARED}
    return {
        "variant": variant.name,
        "baseline": baseline.name,
        "measures": {name: _rounded(one) for name, one in found.items()},
    }


def _rounded(one: Estimate) -> dict[str, Any]:
    values = {name: round(float(getattr(one, name)), 4) for name in _NUMBERS}
    return values | {"of_seeds": [round(value, 4) for value in one.of_seeds]}


_NUMBERS = ("value", "lower", "upper", "patients_sd", "seeds_sd")
