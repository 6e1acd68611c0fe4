"""The layout of knees that looks at no pixel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from bench.evidence.study import Outcome, Variant
from bench.evidence.training import Views, patients_of, true_points

from polyclinic.data import open_cohort
from polyclinic.schema import KNEE_LANDMARKS
from polyclinic.schema.knee import KNEE_CENTRE

CENTRE_ROW = KNEE_LANDMARKS.index(KNEE_CENTRE)


@dataclass(frozen=True, kw_only=True)
class MeanLayout:
    """The mean landmarks of the training windows, wherever the knee lies.

    Args:
        name, meaning: see `Variant`.
        views: windows.
        on_centre: moves them so that the mean of the knee's centre lies on the true one.
    """

    name: str
    meaning: str
    views: Views
    on_centre: bool
    cost: float = 0.0
    needs: Sequence[Variant] = ()

    def settings(self, seed: int) -> Mapping[str, Any]:
        """The same for all seeds."""
        return {"data": [self.views.sizes.folder, self.views.knees], "on_centre": self.on_centre}

    def carry_out(self, home: Path, seed: int) -> Outcome:
        """No training."""
        training, test = open_cohort(self.views.training(home)), self.views.test(home)
        mean = np.nanmean([true_points(view) for view in training.samples], 0)
        errors = []
        for view in test.samples:
            true = true_points(view)
            moved = true[CENTRE_ROW] - mean[CENTRE_ROW] if self.on_centre else 0
            errors.append(np.hypot(*(mean + moved - true).T) * view.spacing.row_mm)
        return Outcome(values=np.array(errors), patients=patients_of(test))
