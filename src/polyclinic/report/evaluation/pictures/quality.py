"""Numbers of quality, and whether poor images are read worse."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.metrics.agree.ranks import fitted_logistic
from polyclinic.metrics.judges.quality import quality_names, quality_pairs
from polyclinic.report.contents import Plot, with_interval
from polyclinic.report.evaluation.gallery import ranking_figure
from polyclinic.report.numbers import spoken_name
from polyclinic.report.plots import quality_scatter, trend
from polyclinic.sample import Sample

LEAST_CASES = 10


def trend_plots(evaluation: Evaluation) -> Iterator[Plot]:
    """The figure that ranks images against their quality and the size of their objects."""
    figure = ranking_figure(evaluation)
    if figure is None or figure.by_case is None:
        return
    name = spoken_name(figure.name)
    for what, values in _against(evaluation):
        both = np.isfinite(values) & np.isfinite(figure.by_case)
        if both.sum() >= LEAST_CASES and np.ptp(values[both]) > 0:
            yield Plot(
                title=f"{name} against {what}",
                png=trend(values, figure.by_case, x_name=what, y_name=name),
                caption="Each point is one image; the line joins bins of equally many images.",
            )


def _against(evaluation: Evaluation) -> Iterator[tuple[str, NDArray[np.float64]]]:
    readings = [reading for _, reading in evaluation.reported]
    for key in sorted({key for reading in readings for key in reading.quality}):
        yield key, np.array([reading.quality.get(key, np.nan) for reading in readings])
    sizes = [object_size(sample) for sample, _ in evaluation.reported]
    yield "mean size of annotated objects (px)", np.array(sizes)


def object_size(sample: Sample) -> float:
    """Mean over instances of the root of the area, in pixels; NaN without any."""
    areas = [
        float(np.prod(one.box[2:] - one.box[:2])) if one.mask is None else float(one.mask.area)
        for one in sample.instances or ()
        if not one.crowd
    ]
    return float(np.sqrt(areas).mean()) if areas else np.nan


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
