"""Views of a cohort's images as cohorts, one for each stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from polyclinic.data import Cohort, Split
from polyclinic.recipes.staged import Stage
from polyclinic.sample import Sample


def cut_views(
    cohort: Cohort, split: Split, stages: Sequence[Stage], console: Console
) -> list[tuple[Cohort, Split]]:
    """Views of the training and validation images, in memory, with the split of their images.

    Each image is read once for all stages. Test and calibration images are not opened.

    Args:
        cohort: whole images.
        split: of it.
        stages: what each wants to see.
        console: where progress is shown.

    Returns:
        One cohort and its split a stage.
    """
    if not stages:
        return []
    kept: list[dict[str, list[Sample]]] = [{"train": [], "val": []} for _ in stages]
    rows = [("train", row) for row in split.train] + [("val", row) for row in split.val]
    for part, row in track(rows, "cutting views", console=console, transient=True):
        image = cohort.load(row)
        for stage, parts in zip(stages, kept, strict=True):
            parts[part] += [_lean(view) for view in stage.views(image)]
    return [
        _as_cohort(cohort, split, stage, parts) for stage, parts in zip(stages, kept, strict=True)
    ]


def _as_cohort(
    whole: Cohort, split: Split, stage: Stage, parts: dict[str, list[Sample]]
) -> tuple[Cohort, Split]:
    train, val = parts["train"], parts["val"]
    cohort = Cohort(
        samples=(*train, *val),
        classes=stage.classes,
        landmark_schema=stage.landmark_schema,
        name=f"{whole.name}, {stage.name}",
        grey=whole.grey,
    )
    ids = tuple(sample.image_id for sample in cohort.samples)
    empty: tuple[int, ...] = ()
    return cohort, replace(
        split,
        train=tuple(range(len(train))),
        val=tuple(range(len(train), len(ids))),
        test=empty,
        calibration=empty,
        image_ids={"train": ids[: len(train)], "val": ids[len(train) :], "test": ()},
    )


def _lean(view: Sample) -> Sample:
    """A grey view keeps one of its three equal channels in memory."""
    image = np.asarray(view.pixels, np.uint8)
    grey = image[..., :1]
    if not (image == grey).all():
        return view
    lean: NDArray[np.uint8] = np.broadcast_to(grey.copy(), image.shape)
    return view.with_image(lean)
