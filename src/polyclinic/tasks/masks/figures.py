"""The figures by which masks are judged."""

from __future__ import annotations

from collections.abc import Sequence

from polyclinic.metrics.case import Case
from polyclinic.metrics.metric import Metric
from polyclinic.metrics.vessel import vessel_overlap
from polyclinic.tasks.average_precision import average_precision_metrics


def mask_metrics(cases: Sequence[Case], accept: float) -> list[Metric]:
    """Mask AP, and overlap of all masks together."""
    overlap = vessel_overlap(cases, min_score=accept)
    figures = [
        Metric(name=name, value=value, meaning=meaning, cases=overlap.images)
        for name, value, meaning in (
            ("mask_dice", overlap.dice, "2 shared / (annotated + read) pixels, instances united"),
            ("mask_sensitivity", overlap.sensitivity, "shared / annotated pixels"),
            ("mask_precision", overlap.precision, "shared / read pixels"),
        )
    ]
    return average_precision_metrics(cases, "mask") + figures
