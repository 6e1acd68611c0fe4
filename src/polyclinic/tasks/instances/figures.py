"""The figures by which found instances are judged."""

from __future__ import annotations

from collections.abc import Sequence

from polyclinic.metrics.metric import Metric
from polyclinic.tasks.task import Case


def instance_metrics(cases: Sequence[Case], classes: tuple[str, ...]) -> list[Metric]:
    """Precision, recall and F1 of instances, class accuracy of matched ones, box AP."""
    return []
