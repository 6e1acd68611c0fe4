"""What is stored of a study: means over seeds, and differences with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bench.evidence.statistics import Estimate, Measure, difference, spread
from bench.evidence.study import Group, Outcome, Study, Variant


@dataclass(frozen=True, kw_only=True)
class Column:
    """A measure in a table.

    Args:
        measure: values of the test cases to a figure.
        heading: of the table of variants.
        digits: decimals that are shown.
        factor: 100 for shares that are shown in per cent.
        compared: heading in the table of differences; None leaves it out there.
    """

    measure: Measure
    heading: str
    digits: int
    factor: float
    compared: str | None = None


INTERVAL = (
    "95 %, of the difference of the means over seeds, for new patients and new trainings: "
    "variance over drawn test patients plus variance of the seeds' differences, degrees of freedom "
    "after Satterthwaite"
)


def result_of(
    study: Study, groups: Sequence[Group], columns: Mapping[str, Column], cases: str
) -> dict[str, Any]:
    """All groups whose outcomes are complete.

    Args:
        study: holds the outcomes.
        groups: which.
        columns: what is measured and shown, by name.
        cases: what a test case is called, in the plural.
    """
    shown = [one for group in groups if (one := _group(study, group, columns)) is not None]
    return {
        "seeds": list(study.seeds),
        "interval": INTERVAL,
        "cases": cases,
        "columns": {
            name: [one.heading, one.compared, one.digits, one.factor]
            for name, one in columns.items()
        },
        "groups": shown,
    }


def _group(study: Study, group: Group, columns: Mapping[str, Column]) -> dict[str, Any] | None:
    outcomes: dict[str, list[Outcome]] = {}
    for variant in group.variants:
        found = study.outcomes(variant)
        if found is None:
            return None
        outcomes[variant.name] = found
    [cases] = {len(one.patients) for found in outcomes.values() for one in found}
    patients = {one.patients for found in outcomes.values() for one in found}
    assert len(patients) == 1, "variants of a group were tested on other cases"
    return {
        "name": group.name,
        "question": group.question,
        "test_cases": cases,
        "test_patients": len(set(*patients)),
        "rows": [_row(variant, outcomes[variant.name], columns) for variant in group.variants],
        "differences": [
            _compared(one, other, outcomes[one.name], outcomes[other.name], columns)
            for one, other in group.pairs
        ],
    }


def _row(
    variant: Variant, outcomes: Sequence[Outcome], columns: Mapping[str, Column]
) -> dict[str, Any]:
    values = [one.values for one in outcomes]
    measures = {}
    for name, column in columns.items():
        mean, sd = spread(values, column.measure)
        measures[name] = {"mean": round(mean, 4), "sd": None if sd is None else round(sd, 4)}
    extra = {
        name: round(float(np.mean([one.extra[name] for one in outcomes])), 4)
        for name in outcomes[0].extra
    }
    return {
        "name": variant.name,
        "meaning": variant.meaning,
        "parameters": outcomes[0].parameters,
        "steps": outcomes[0].steps,
        "seconds": round(float(np.mean([one.seconds for one in outcomes])), 1),
        "measures": measures,
        "extra": extra,
    }


def _compared(
    variant: Variant,
    baseline: Variant,
    ours: Sequence[Outcome],
    theirs: Sequence[Outcome],
    columns: Mapping[str, Column],
) -> dict[str, Any]:
    pairs = ([one.values for one in ours], [one.values for one in theirs])
    found = {
        name: difference(*pairs, ours[0].patients, column.measure)
        for name, column in columns.items()
        if column.compared is not None
    }
    return {
        "variant": variant.name,
        "baseline": baseline.name,
        "measures": {name: _rounded(one) for name, one in found.items()},
    }


def _rounded(one: Estimate) -> dict[str, Any]:
    values = {name: round(float(getattr(one, name)), 4) for name in _NUMBERS}
    return values | {"of_seeds": [round(value, 4) for value in one.of_seeds]}


_NUMBERS = ("value", "lower", "upper", "patients_sd", "seeds_sd", "detectable")
