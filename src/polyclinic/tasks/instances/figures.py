"""The figures by which found instances are judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from polyclinic.metrics.baseline import majority_accuracy
from polyclinic.metrics.bootstrapped import bootstrapped
from polyclinic.metrics.case import Case
from polyclinic.metrics.matching import Match, MatchedCase, match_cases
from polyclinic.metrics.metric import Metric
from polyclinic.metrics.pooled import ratio
from polyclinic.tasks.average_precision import average_precision_metrics

Counts = Callable[[Match], tuple[float, float]]


def instance_metrics(
    cases: Sequence[Case], classes: tuple[str, ...], accept: float
) -> list[Metric]:
    """Precision, recall and F1 of instances, class accuracy of matched ones, box AP."""
    matched = match_cases(cases, min_score=accept)
    if not matched:
        return []
    ratios: list[tuple[str, Counts, str]] = [
        (
            "f1",
            lambda m: (2 * len(m.pairs), 2 * len(m.pairs) + len(m.missed) + len(m.spurious)),
            "2 hits / (annotated + found); a hit overlaps by half (mask, else box)",
        ),
        ("precision", lambda m: (len(m.pairs), len(m.pairs) + len(m.spurious)), "hits / found"),
        ("recall", lambda m: (len(m.pairs), len(m.pairs) + len(m.missed)), "hits / annotated"),
    ]
    figures = [
        bootstrapped(
            f"instance_{name}", matched, partial(_of_match, counts), ratio, meaning=meaning
        )
        for name, counts, meaning in ratios
    ]
    if len(classes) > 1:
        figures.append(_class_accuracy(matched))
    return figures + average_precision_metrics(cases, "box")


def _of_match(counts: Counts, one: MatchedCase) -> tuple[float, float]:
    return counts(one.match)


def _class_accuracy(matched: Sequence[MatchedCase]) -> Metric:
    true = [true.category for one in matched for true, _ in one.pairs]
    return bootstrapped(
        "class_accuracy",
        matched,
        _right_classes,
        ratio,
        meaning="share of hits with the right class; baseline: always the commonest class",
        baseline=majority_accuracy(true),
        cases=len(true),
    )


def _right_classes(one: MatchedCase) -> tuple[float, float]:
    known = [(t.category, r.category) for t, r in one.pairs if t.category is not None]
    return sum(true == read for true, read in known), len(known)
