"""Variants that train a network on views of knees."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from bench.evidence.study import Outcome, Variant
from bench.evidence.views import PIXELS, WINDOW, Look, Sizes, as_cohort, make_views

from polyclinic.config import merge
from polyclinic.data import Cohort, open_cohort, write_coco
from polyclinic.fitting.fit import fit
from polyclinic.metrics.figure import Values
from polyclinic.runs.load import load_network
from polyclinic.runtime.reader import Reader
from polyclinic.sample import Sample

BATCH = 32

USUAL: Mapping[str, Any] = {
    "data": {
        "split": "file",
        "augment": {
            "mirror": 0.0,
            "degrees": 15.0,
            "scale": (0.85, 1.2),
            "shift": 0.1,
            "brightness": 0.2,
            "contrast": 0.2,
            "gamma": 0.4,
            "noise": 6.0,
        },
    },
    "model": {"encoder": "hourglass", "hourglass": {"width": 16, "depth": 3}},
    "balance": {"kind": "equal"},
    "points": {
        "levels": ("p2",),
        "head": "output_block",
        "dropout": 0.0,
        "loss": {"kind": "wing", "unit": "pixel", "width": 10.0, "curvature": 2.0},
        "spot": {"weight": 20.0},
    },
    "train": {
        "max_minutes": None,
        "batch_size": 8,
        "lr": 3e-3,
        "weight_decay": 0.0,
        # Adam does not mind how large a loss is; a limit on the gradient would.
        "clip_norm": None,
        "warmup_steps": 30,
        "schedule": "cosine",
        "ema": None,
        "channels_last": True,
    },
}
"""The small preset of the knee recipe, made to learn in few steps: no mirrored views (left knees
are mirrored anyhow), no dropout, a faster rate, last instead of averaged weights, lighter spots."""


@dataclass(frozen=True, kw_only=True)
class Views:
    """What is learnt from: the first `knees` of the training patients."""

    sizes: Sizes
    knees: int
    look: Look = WINDOW
    shuffled: bool = False

    def training(self, home: Path) -> Path:
        """The data file; made anew, as it is small."""
        folder = make_views(home, self.sizes)
        views = list(open_cohort(folder / f"{self.look.name}_train.coco.json").samples)
        views = views[: self.knees]
        if self.shuffled:
            order = np.random.default_rng(0).permutation(len(views))
            views = [_taking(views[i], views[j]) for i, j in enumerate(order)]
        name = f"{self.look.name}_{self.knees}{'_shuffled' if self.shuffled else ''}.coco.json"
        write_coco(as_cohort(self.look, views), folder / name)
        return folder / name

    def test(self, home: Path) -> Cohort:
        """Views of the test patients."""
        folder = make_views(home, self.sizes)
        return open_cohort(folder / f"{self.look.name}_test.coco.json")


@dataclass(frozen=True, kw_only=True)
class Training:
    """One training.

    Args:
        name, meaning: see `Variant`.
        views: what is learnt from; test views are of the same look.
        steps: of the training.
        usual: steps of a usual training.
        changes: of the usual settings.
        start: whose weights to start from.
    """

    name: str
    meaning: str
    views: Views
    steps: int
    usual: int
    changes: Mapping[str, Any] = field(default_factory=dict)
    start: Training | None = None

    @property
    def cost(self) -> float:
        """By steps, pixels, and passes a step."""
        passes = 2 if self.changes.get("mixup") else 1
        scale = self.views.look.pixels / PIXELS
        return self.steps / self.usual * scale**2 * passes

    @property
    def needs(self) -> Sequence[Variant]:
        """What it starts from."""
        return () if self.start is None else (self.start,)

    def settings(self, seed: int) -> Mapping[str, Any]:
        """What is learnt from, and with which settings."""
        views = self.views
        return {
            "data": [views.sizes.folder, views.look.name, views.knees, views.shuffled],
            "start": None if self.start is None else dict(self.start.settings(seed)),
            "overrides": self._overrides(seed),
        }

    def run(self, home: Path, seed: int) -> Path:
        """The folder of the run."""
        return home / "trainings" / f"{self.name}-seed{seed}"

    def carry_out(self, home: Path, seed: int) -> Outcome:
        """Train, read the test views. What a killed run left is thrown away."""
        run = self.run(home, seed)
        shutil.rmtree(run, ignore_errors=True)
        overrides = self._overrides(seed)
        if self.start is not None:
            overrides = {**overrides, "init": self.start.run(home, seed)}
        fitted = fit("landmarks", self.views.training(home), run, overrides)
        (run / "state.safetensors").unlink(missing_ok=True)
        reader = load_network(run)
        test = self.views.test(home)
        return Outcome(
            values=view_errors(reader, test),
            patients=patients_of(test),
            parameters=sum(one.numel() for one in reader.network.parameters()),
            steps=fitted.result.steps,
            seconds=fitted.result.seconds,
        )

    def _overrides(self, seed: int) -> dict[str, Any]:
        frame = {"data": {"frame": {"longest": self.views.look.pixels}}}
        steps = {"train": {"steps": self.steps, "checkpoint_every": self.steps}}
        return merge(merge(merge(merge(USUAL, frame), steps), self.changes), {"seed": seed})


def view_errors(reader: Reader, test: Cohort) -> Values:
    """(K, L) distances in mm between found and annotated landmarks."""
    whole = reader.with_candidates()
    errors = []
    for first in range(0, len(test), BATCH):
        views = [test.load(row) for row in range(first, min(first + BATCH, len(test)))]
        for view, reading in zip(views, whole.read_batch(views), strict=True):
            assert reading.instances
            found = reading.instances[0].landmarks
            assert found is not None
            errors.append(np.hypot(*(found[:, :2] - true_points(view)).T) * view.spacing.row_mm)
    return np.array(errors)


def true_points(view: Sample) -> Values:
    """(L, 2) annotated landmarks of the one knee of a view; NaN where not labelled."""
    assert view.instances
    landmarks = view.instances[0].landmarks
    assert landmarks is not None
    return np.where(landmarks[:, 2:] > 0, landmarks[:, :2], np.nan)


def patients_of(cohort: Cohort) -> tuple[str, ...]:
    """Whose view each is."""
    return tuple(sample.patient_id or "" for sample in cohort.samples)


def _taking(view: Sample, other: Sample) -> Sample:
    """A view with the landmarks of another one."""
    assert view.instances
    assert other.instances
    return replace(
        view, instances=(replace(view.instances[0], landmarks=other.instances[0].landmarks),)
    )
