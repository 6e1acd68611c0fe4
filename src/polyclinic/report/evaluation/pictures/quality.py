"""Numbers of quality: predicted against annotated."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.metrics.agree.logistic import fitted_logistic
from polyclinic.metrics.judges.quality import quality_names, quality_pairs
from polyclinic.report.contents import Plot, with_interval
from polyclinic.report.names import spoken_name
from polyclinic.report.plots import quality_scatter

AGAIN = "take it again"
"""First words of the flag by which a reader asks for another image."""


def quality_plots(evaluation: Evaluation) -> Iterator[Plot]:
    """One scatter a quality that was read and annotated."""
    flags = [reading.flags for _, reading in evaluation.reported]
    flagged = np.array([any(flag.startswith(AGAIN) for flag in some) for some in flags], bool)
    for name in quality_names(evaluation.reported):
        found, true, rows = quality_pairs(name, evaluation.reported)
        if not len(rows):
            continue
        yield Plot(
            title=f"{spoken_name(name)}: predicted against annotated",
            png=quality_scatter(
                found,
                true,
                name=name.replace("_", " "),
                flagged=flagged[rows],
                curve=fitted_logistic(found, true),
            ),
            caption=_caption(evaluation, name),
        )


def _caption(evaluation: Evaluation, name: str) -> str:
    said = []
    for suffix, words in (
        ("srcc", "SRCC {}"),
        ("plcc", "PLCC {}"),
        ("plcc_fitted", "{} after the dashed curve"),
    ):
        metric = evaluation.metric(f"{name}_{suffix}")
        if metric is not None and metric.value is not None:
            said.append(words.format(with_interval(metric)))
    known = f"{', '.join(said)}. " if said else ""
    return f"{known}Each point is one image. On the dotted line the prediction is right."
