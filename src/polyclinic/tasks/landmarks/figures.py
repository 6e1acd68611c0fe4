"""The figures by which landmarks are judged."""

from __future__ import annotations

from collections.abc import Sequence

from polyclinic.metrics.bootstrapped import bootstrapped
from polyclinic.metrics.case import Case
from polyclinic.metrics.landmarks import LandmarkError, landmark_errors, pck
from polyclinic.metrics.matching import match_cases
from polyclinic.metrics.metric import Metric
from polyclinic.metrics.pooled import median
from polyclinic.metrics.radial_error import radial_errors
from polyclinic.schema import LandmarkSchema
from polyclinic.tasks.average_precision import average_precision_metrics

NEAR_PX = (2.0, 4.0, 8.0)


def landmark_metrics(cases: Sequence[Case], schema: LandmarkSchema, accept: float) -> list[Metric]:
    """Radial errors of hits in original pixels and µm, PCK and OKS-AP."""
    matched = match_cases(cases, min_score=accept)
    if not matched:
        return []
    errors = radial_errors(matched, schema)
    rows = landmark_errors(errors)
    everything = rows[-1]
    figures = [
        bootstrapped(
            "landmark_error_median",
            matched,
            lambda one: radial_errors([one], schema).px,
            median,
            unit="px",
            meaning="median distance of landmarks of hits, original pixels",
            cases=everything.labelled - everything.missing,
        ),
        *_summaries(everything),
        *(
            Metric(
                name=f"pck_{threshold:g}px",
                value=share,
                meaning=f"share of annotated landmarks of hits within {threshold:g} px",
                cases=everything.labelled,
            )
            for threshold, share in pck(errors, NEAR_PX).items()
        ),
        *(
            Metric(
                name=f"landmark_error_median_{row.name}",
                value=None if row.px is None else row.px.median,
                unit="px",
                meaning=f"the same for {row.name} alone",
                cases=row.labelled - row.missing,
            )
            for row in rows[:-1]
        ),
    ]
    return figures + average_precision_metrics(cases, "landmarks", schema)


def _summaries(row: LandmarkError) -> list[Metric]:
    figures = []
    if row.px is not None:
        figures.append(Metric(name="landmark_error_mean", value=row.px.mean, unit="px"))
        figures.append(Metric(name="landmark_error_p95", value=row.px.p95, unit="px"))
    if row.um is not None:
        figures.append(Metric(name="landmark_error_median_um", value=row.um.median, unit="um"))
    return figures
