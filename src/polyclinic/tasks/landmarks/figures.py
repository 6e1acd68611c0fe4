"""The figures by which landmarks are judged."""

from __future__ import annotations

from collections.abc import Sequence

from polyclinic.metrics.metric import Metric
from polyclinic.schema import LandmarkSchema
from polyclinic.tasks.task import Case


def landmark_metrics(cases: Sequence[Case], schema: LandmarkSchema) -> list[Metric]:
    """Radial errors, PCK and OKS-AP."""
    return []
