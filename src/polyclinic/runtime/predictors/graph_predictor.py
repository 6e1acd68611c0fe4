"""An exported network, run without torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.decoding import Detector
from polyclinic.errors import ImageError, not_finite
from polyclinic.runtime.predictors.predictor import Pixels, Predicted
from polyclinic.runtime.predictors.session import Session

Found = dict[str, dict[str, NDArray[Any]]]


class GraphPredictor:
    """Runs the graphs of a network one after the other, and numpy between them.

    Args:
        whole: (h, w, 3) pixels to levels and answers `task.name`.
        regions: by task, levels with boxes to rows a region; the first one scores
            the proposals, the others look at the instances that were found.
        levels: of each region task.
        classes: of the instances that a region task looks at; all where it is not named.
        detector: from anchors to instances; None without region tasks.
        precision: how it computes.
        size: (height, width) of the only images that `whole` takes; None: any.
    """

    shares_passes = False

    def __init__(
        self,
        whole: Session,
        regions: Mapping[str, Session],
        *,
        levels: Mapping[str, Sequence[str]],
        classes: Mapping[str, Sequence[int]],
        detector: Detector | None,
        precision: str,
        size: tuple[int, int] | None = None,
    ) -> None:
        self.size = size
        self.whole, self.regions = whole, regions
        self.levels, self.classes = levels, classes
        self.detector, self.precision = detector, precision

    def predict(self, images: Sequence[Pixels], least: float) -> list[Predicted]:
        """Look at images one by one.

        Raises:
            ImageError: one has another size than the network was exported for, or an answer is
                not finite.
        """
        return [self._predict(image, least) for image in images]

    def _predict(self, image: Pixels, least: float) -> Found:
        if self.size is not None and image.shape[:2] != self.size:
            raise ImageError(
                f"is {image.shape[1]} x {image.shape[0]} pixels where the network looks at it",
                expected=f"{self.size[1]} x {self.size[0]}, for which it was exported",
                hint="export again with --size, or read with the run directory",
            )
        outputs = self.whole.run({"image": np.ascontiguousarray(image)})
        found: Found = {}
        for name, value in outputs.items():
            task, _, key = name.rpartition(".")
            if task:
                found.setdefault(task, {})[key] = np.array(value)
        for task, answers in found.items():
            _refuse_not_finite(task, answers)
        if self.detector is not None:
            self._look_at_regions(found, outputs, self.detector, image.shape[:2], least)
        return found

    def _look_at_regions(
        self,
        found: Found,
        maps: Mapping[str, NDArray[Any]],
        detector: Detector,
        size: tuple[int, int],
        least: float,
    ) -> None:
        finder, *others = self.regions
        boxes = detector.propose(found[finder]["objectness"], found[finder]["corrections"], size)
        said = self._run(finder, maps, boxes)
        chosen = detector.choose(boxes, said["logits"], said["corrections"], size, least)
        found[finder] = chosen
        for task in others:
            rows = self._rows(task, chosen["labels"])
            boxes, labels = chosen["boxes"][rows], chosen["labels"][rows]
            said = self._run(task, maps, boxes)
            found[task] = {**said, "boxes": boxes, "labels": labels, "rows": rows}

    def _rows(self, task: str, labels: NDArray[np.int64]) -> NDArray[np.intp]:
        """Of the instances that a task looks at."""
        if task not in self.classes:
            return np.arange(len(labels))
        return np.flatnonzero(np.isin(labels, self.classes[task]))

    def _run(
        self, task: str, maps: Mapping[str, NDArray[Any]], boxes: NDArray[np.float32]
    ) -> dict[str, NDArray[Any]]:
        feeds = {level: maps[level] for level in self.levels[task]}
        outputs = self.regions[task].run({**feeds, "boxes": boxes})
        said = {name: np.array(value) for name, value in outputs.items()}
        _refuse_not_finite(task, said)
        return said


def _refuse_not_finite(task: str, answers: Mapping[str, NDArray[Any]]) -> None:
    if not all(np.isfinite(value).all() for value in answers.values()):
        raise not_finite(task)
