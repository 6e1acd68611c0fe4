"""The images that were read worst, beside what was annotated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from polyclinic.errors import PolyclinicError
from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.metrics.classify.answers import word_of
from polyclinic.metrics.figure import Figure
from polyclinic.reading import Reading
from polyclinic.reading.draw import draw_pair
from polyclinic.reading.drawing.canvas import as_rgb8
from polyclinic.reading.drawing.side_by_side import side_by_side
from polyclinic.report.contents import Overlay
from polyclinic.report.numbers import number, spoken_name
from polyclinic.sample import Sample

WORST, OTHERS = 6, 2
"""Of the rest the middle one and the best are shown, so that the worst have a measure."""


def gallery(evaluation: Evaluation) -> Iterator[Overlay]:
    """Annotated beside read, the worst images first; empty where nothing ranks the images."""
    figure = ranking_figure(evaluation)
    if figure is None or figure.by_case is None:
        return
    sign = -1.0 if figure.better == "lower" else 1.0
    known = np.flatnonzero(np.isfinite(figure.by_case))
    ranked = known[np.argsort(sign * figure.by_case[known], kind="stable")]
    home = {sample.image_id: row for row, sample in enumerate(evaluation.cohort.samples)}
    shown = replace(evaluation.cohort, grey=evaluation.subject.grey)
    for rank in _shown(len(ranked)):
        row = int(ranked[rank])
        sample, reading = evaluation.reported[row]
        if reading.error is not None:
            continue
        try:
            loaded = shown.load(home[sample.image_id])
        except PolyclinicError:
            continue  # stored readings can be judged without their images
        caption = (
            f"{sample.image_id}, patient {sample.patient_id or 'unknown'}: "
            f"{spoken_name(figure.name)} {number(float(figure.by_case[row]))}, rank {rank + 1} of "
            f"{len(ranked)} from the worst. "
        )
        if sample.instances is None and reading.instances is None:
            picture = side_by_side([(f"read: {_name(reading)}", as_rgb8(loaded.pixels))])
            yield Overlay(image=picture, caption=caption + _whole_image_words(sample, reading))
        else:
            picture = draw_pair(loaded.pixels, sample, reading)
            yield Overlay(image=picture, caption=f"{caption}Left annotated, right read.")


def _whole_image_words(sample: Sample, reading: Reading) -> str:
    """What was annotated and read of the image as a whole."""
    said = []
    for task, values in reading.findings.items():
        likeliest = max(values, key=values.__getitem__, default=None)
        if likeliest is not None:
            shown = f"{likeliest} ({number(float(values[likeliest]))})"
            said.append(f"{task}: {_annotated(sample, task)}read {shown}")
    for name, value in reading.quality.items():
        said.append(f"{name}: {_annotated(sample, name)}read {number(float(value))}")
    return "; ".join([*said, *reading.flags])


def _annotated(sample: Sample, name: str) -> str:
    label = sample.labels.get(name)
    word = number(label) if isinstance(label, float) else word_of(label)
    return "" if word_of(label) is None else f"annotated {word}, "


def _name(reading: Reading) -> str:
    return Path(reading.file or str(reading.image_id)).name


def ranking_figure(evaluation: Evaluation) -> Figure | None:
    """The first main figure that single images have."""
    named = [metric.name for metric in evaluation.headline()]
    main = [figure for name in named for figure in evaluation.figures if figure.name == name]
    ranks = (one for one in (*main, *evaluation.figures) if one.by_case is not None and one.better)
    return next(ranks, None)


def _shown(count: int) -> list[int]:
    shown = set(range(min(WORST, count)))
    if count > WORST:
        shown |= {int(rank) for rank in np.linspace(WORST, count - 1, OTHERS).round()}
    return sorted(shown)
