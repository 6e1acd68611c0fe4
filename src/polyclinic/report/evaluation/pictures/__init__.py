"""The plots of an evaluation: everything that the cases hold enough for."""

from __future__ import annotations

from collections.abc import Iterator

from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.report.contents import Plot
from polyclinic.report.evaluation.pictures.findings import finding_plots
from polyclinic.report.evaluation.pictures.instances import instance_plots
from polyclinic.report.evaluation.pictures.measured import measured_plots
from polyclinic.report.evaluation.pictures.quality import quality_plots, trend_plots


def plots(evaluation: Evaluation) -> Iterator[Plot]:
    """Plots of measurements, findings, quality, instances, and of what makes images hard."""
    yield from measured_plots(evaluation)
    yield from finding_plots(evaluation)
    yield from quality_plots(evaluation)
    yield from instance_plots(evaluation)
    yield from trend_plots(evaluation)
