"""Whether images that are poor, or hold small objects, are read worse."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.report.contents import Plot
from polyclinic.report.evaluation.gallery import ranking_figure
from polyclinic.report.names import spoken_name
from polyclinic.report.plots import trend
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
