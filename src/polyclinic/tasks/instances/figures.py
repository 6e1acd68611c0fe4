"""The figures by which found instances are judged."""

from __future__ import annotations

from collections.abc import Sequence

from polyclinic.metrics.baseline import majority_accuracy
from polyclinic.metrics.bootstrapped import bootstrapped
from polyclinic.metrics.case import Case
from polyclinic.metrics.confusion import confusion
from polyclinic.metrics.detection import detection
from polyclinic.metrics.matching import MatchedCase, match_cases
from polyclinic.metrics.metric import Metric
from polyclinic.tasks.average_precision import average_precision_metrics


def instance_metrics(
    cases: Sequence[Case], classes: tuple[str, ...], accept: float
) -> list[Metric]:
    """Precision, recall and F1 of instances, class accuracy of matched ones, box AP."""
    matched = match_cases(cases, min_score=accept)
    if not matched:
        return []
    figures = [
        bootstrapped(
            "instance_f1",
            matched,
            lambda drawn: detection(drawn).f1,
            meaning="2 hits / (annotated + found); a hit overlaps by half (mask, else box)",
        ),
        bootstrapped(
            "instance_precision",
            matched,
            lambda drawn: detection(drawn).precision,
            meaning="hits / found",
        ),
        bootstrapped(
            "instance_recall",
            matched,
            lambda drawn: detection(drawn).recall,
            meaning="hits / annotated",
        ),
    ]
    if len(classes) > 1:
        figures.append(_class_accuracy(matched))
    return figures + average_precision_metrics(cases, "box")


def _class_accuracy(matched: Sequence[MatchedCase]) -> Metric:
    pairs = [pair for one in matched for pair in one.pairs]
    return bootstrapped(
        "class_accuracy",
        matched,
        lambda drawn: confusion(drawn).accuracy,
        meaning="share of hits with the right class; baseline: always the commonest class",
        baseline=majority_accuracy([true.category for true, _ in pairs]),
        cases=len(pairs),
    )
