"""Every plot is a readable PNG, the same twice, and stands odd input."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import ArrayLike
from PIL import Image

from polyclinic.errors import DataError
from polyclinic.report.plots import (
    bland_altman,
    confusion_matrix,
    landmark_error_curves,
    quality_scatter,
    training_curves,
    trend,
)
from tests.report.example import fake_log

NAN = float("nan")


def _pixels(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as picture:
        return np.asarray(picture.convert("RGB"))


def _landmarks(names: Sequence[str], errors: ArrayLike) -> bytes:
    """Every landmark was annotated."""
    labelled = np.ones_like(np.asarray(errors, float), bool)
    return landmark_error_curves(names, errors, labelled, unit="px")


PLOTS: dict[str, Callable[[], bytes]] = {
    "bland-altman": lambda: bland_altman([1, 2, 4], [1, 3, 3], name="d", unit="px"),
    "bland-altman, one pair": lambda: bland_altman([1, NAN], [1, 3], name="d", unit="px"),
    "bland-altman, nothing": lambda: bland_altman([], [], name="$d", unit="px"),
    "confusion": lambda: confusion_matrix(("a", "b"), [[3, 1], [0, 0]]),
    "confusion with missed": lambda: confusion_matrix(("a$",), [[3, 1], [2, 0]]),
    "confusion, many classes": lambda: confusion_matrix(
        tuple(f"a class with a rather long name {k}" for k in range(16)), np.eye(16)
    ),
    "landmarks": lambda: _landmarks(("a", "_b"), [[1, 2], [NAN, 3]]),
    "landmarks, nothing": lambda: _landmarks(("a",), np.zeros((0, 1))),
    "landmarks, none found": lambda: _landmarks(("a",), [[NAN], [NAN]]),
    "landmarks, all right": lambda: _landmarks(("a",), [[0.0]]),
    "landmarks, many": lambda: _landmarks([str(k) for k in range(30)], np.ones((3, 30))),
    "quality": lambda: quality_scatter(
        [0.1, 0.5, 0.8], [0, 0.5, 1], name="q$", flagged=[False, False, True], curve=[0, 0.6, 0.9]
    ),
    "quality, nothing": lambda: quality_scatter([], [], name="q", flagged=[]),
    "quality, no curve": lambda: quality_scatter(
        [0.1, 0.5], [0, 0.5], name="q", flagged=[False, False], curve=[NAN, NAN]
    ),
    "trend": lambda: trend(np.arange(30), np.arange(30) % 7, x_name="x", y_name="y"),
    "trend, nothing": lambda: trend([NAN], [1.0], x_name="x", y_name="y"),
    "curves": lambda: training_curves(fake_log(30)),
    "curves, one step": lambda: training_curves([{"step": 0, "loss": 1.0}]),
    "curves, no losses": lambda: training_curves([{"step": 0}, {"step": 1, "lr": NAN}]),
    "curves, late loss": lambda: training_curves(
        [{"step": 0, "loss": 2.0}, {"step": 1, "losses": {"a$b": {"raw": 0.0}}}]
    ),
}


@pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)
def test_a_plot_is_a_picture_and_the_same_twice(plot: Callable[[], bytes]) -> None:
    png = plot()
    assert png == plot()
    pixels = _pixels(png)
    assert 300 < pixels.shape[1] < 2400
    assert (pixels[0, 0] == 255).all()


def test_more_points_and_worse_agreement_show() -> None:
    rng = np.random.default_rng(0)
    true = rng.uniform(5, 20, 200)
    few = _pixels(bland_altman(true[:5], true[:5] + 1, name="d", unit="px"))
    many = _pixels(bland_altman(true, true + rng.normal(0, 1, 200), name="d", unit="px"))
    assert (many < 200).any(-1).sum() > (few < 200).any(-1).sum() + 1000


def test_of_answers_that_are_right_or_wrong_the_share_is_drawn() -> None:
    """A median of zeros and ones would hide a change that leaves most of them as they are."""
    x = np.arange(60.0)
    few, many = (x % 10 < bound for bound in (1, 4))
    pictures = [
        _pixels(trend(x, (~wrong).astype(float), x_name="x", y_name="y")) for wrong in (few, many)
    ]
    drawn = [(np.abs(p.astype(int) - (213, 94, 0)) < 30).all(-1) for p in pictures]
    heights = [np.nonzero(one)[0].mean() for one in drawn]
    assert heights[1] > heights[0] + 20  # further down


def test_pyplot_is_left_alone() -> None:
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    for name in ("bland-altman", "confusion", "landmarks", "curves, one step"):
        PLOTS[name]()
    assert plt.get_fignums() == before


@pytest.mark.parametrize(
    "faulty",
    [
        lambda: bland_altman([1, 2], [1], name="d", unit="px"),
        lambda: confusion_matrix(("a", "b"), [[1]]),
        lambda: confusion_matrix((), np.zeros((0, 0))),
        lambda: _landmarks(("a", "b"), [[1.0]]),
        lambda: landmark_error_curves(("a",), [[1.0]], [[True], [True]], unit="px"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(faulty: Callable[[], bytes]) -> None:
    with pytest.raises(DataError, match="expected"):
        faulty()
