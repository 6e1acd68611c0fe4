"""Populations of clustered patients whose true figures are known.

Patients have 1 to 8 images, which resemble each other: a patient's own effect has about two thirds
of the variance. Shape letters: S data sets, N images, P patients.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr, ndtri

from polyclinic.metrics.agree.figures import agreement_figures
from polyclinic.metrics.classify.answers import Answers
from polyclinic.metrics.classify.ranking import auc
from polyclinic.metrics.classify.task_figures import TaskFigures
from polyclinic.metrics.figure import Figure, Values
from polyclinic.metrics.pooled import mean_figure, quantile_figure, ratio_figure

Rows = NDArray[np.intp]
Draw = Callable[[np.random.Generator, Rows], Values]
PATIENT_SD, IMAGE_SD = 1.0, 0.7
TOTAL_SD = float(np.hypot(PATIENT_SD, IMAGE_SD))
MOST_IMAGES = 8
MANY = 60_000
"""Patients of which a true figure is computed where no formula gives it."""


@dataclass(frozen=True, eq=False)
class Population:
    """How a data set is drawn, the figure of it, and the figure of everybody.

    Args:
        name: of the figure.
        draw: (N,) patients to (L, N) values.
        figure: (L, N) values to the figure.
        truth: of all patients.
    """

    name: str
    draw: Draw
    figure: Callable[[Values], Figure]
    truth: float


def layout(random: np.random.Generator, patients: int) -> Rows:
    """(N,) the patient of each image."""
    return np.repeat(np.arange(patients), random.integers(1, MOST_IMAGES + 1, patients))


def normal(random: np.random.Generator, of: Rows) -> Values:
    """(N,) values around 0; those of one patient resemble each other."""
    own = random.normal(0, PATIENT_SD, of.max() + 1)[of]
    return np.asarray(own + random.normal(0, IMAGE_SD, len(of)))


def answers(share: float, alike: float) -> Draw:
    """(1, N) right answers; the share of a patient is drawn around that of all.

    Args:
        share: of right answers.
        alike: correlation of two answers of one patient, 0 to 1.
    """

    def draw(random: np.random.Generator, of: Rows) -> Values:
        chance = np.full(of.max() + 1, share)
        if 0 < share < 1 and alike > 0:
            spread = (1 - alike) / alike
            chance = random.beta(share * spread, (1 - share) * spread, of.max() + 1)
        return (random.random(len(of)) < chance[of]).astype(float)[None]

    return draw


def overlaps(random: np.random.Generator, of: Rows) -> Values:
    """(1, N) Dice of images, skewed towards 1 as Dice is."""
    return expit(2.5 + normal(random, of))[None]


def scores(random: np.random.Generator, of: Rows) -> Values:
    """(2, N) what a reader scores and whether the patient is ill, 4 of 10."""
    ill = (random.random(of.max() + 1) < 0.4)[of]
    return np.stack([1.5 * ill + normal(random, of), ill])


def finds(random: np.random.Generator, of: Rows) -> Values:
    """(2, N) twice the hits of an image, and its annotated and found objects together."""
    true = 1 + random.poisson(3, len(of))
    hits = random.binomial(true, expit(1.5 + normal(random, of)))
    return np.stack([2.0 * hits, true + hits + random.poisson(0.5, len(of))])


def measured(random: np.random.Generator, of: Rows) -> Values:
    """(2, N) found and true lengths; the patient shifts the error too."""
    true = 10 + normal(random, of)
    return np.stack([true + 0.3 * normal(random, of), true])


def mean(values: Values) -> Figure:
    """A mean over images, larger than 0."""
    return _mean(values, better="lower")


def bias(values: Values) -> Figure:
    """A mean over images of either sign."""
    return _mean(values, better="zero")


def _mean(values: Values, **known: str) -> Figure:
    return mean_figure(
        "", values[0], np.arange(values.shape[1]), values.shape[1], unit="px", **known
    )


def share_of(values: Values) -> Figure:
    """A share of images, or a mean of shares."""
    return mean_figure("", values[0], np.arange(values.shape[1]), values.shape[1], better="higher")


def ratio(values: Values) -> Figure:
    """A sum over a sum."""
    return ratio_figure("", *values, better="higher")


def quantile(share: float) -> Callable[[Values], Figure]:
    """A quantile over images."""

    def figure(values: Values) -> Figure:
        rows = np.arange(values.shape[1])
        return quantile_figure("", values[0], rows, len(rows), share=share, unit="px")

    return figure


def area(values: Values) -> Figure:
    """AUC."""
    score, ill = values[0], values[1] > 0
    return Figure(
        name="",
        weighted=lambda weights: auc(score, ill, weights),
        better="higher",
        kinds=np.stack([ill, ~ill]).astype(float),
    )


def agreement(name: str) -> Callable[[Values], Figure]:
    """One of the figures of a measurement."""

    def figure(values: Values) -> Figure:
        rows = np.arange(values.shape[1])
        found = agreement_figures("x", "px", values[0], values[1], rows, len(rows))
        return next(one for one in found if one.name == f"x_{name}")

    return figure


def _absolute(random: np.random.Generator, of: Rows) -> Values:
    return np.abs(normal(random, of))[None]


def _squared(random: np.random.Generator, of: Rows) -> Values:
    return normal(random, of)[None] ** 2


def _plain(random: np.random.Generator, of: Rows) -> Values:
    return normal(random, of)[None]


def _of_everybody(draw: Draw, figure: Callable[[Values], Figure]) -> float:
    random = np.random.default_rng(1)
    values = draw(random, layout(random, MANY))
    return float(figure(values).weighted(np.ones((1, values.shape[1])))[0])


SHARES = (0.05, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 1.0)
ALIKE = (0.0, 0.2, 0.5, 0.9)


def shares() -> list[Population]:
    """A share of right answers, by its size and by how much images of a patient are alike."""
    return [
        Population(f"share {share:g}, alike {alike:g}", answers(share, alike), share_of, share)
        for share in SHARES
        for alike in (ALIKE if share < 1 else (0.0,))
    ]


@cache
def others() -> list[Population]:
    """Means, quantiles, and what is a function of several sums."""
    known = [
        Population("bias", _plain, bias, 0.0),
        Population("mean of errors", _absolute, mean, TOTAL_SD * np.sqrt(2 / np.pi)),
        Population("mean of squares", _squared, mean, TOTAL_SD**2),
        Population("median", _plain, quantile(0.5), 0.0),
        Population("AUC", scores, area, float(ndtr(1.5 / (TOTAL_SD * np.sqrt(2))))),
    ]
    drawn: list[tuple[str, Draw, Callable[[Values], Figure]]] = [
        ("median of errors", _absolute, quantile(0.5)),
        ("95th percentile of errors", _absolute, quantile(0.95)),
        ("mean Dice", overlaps, share_of),
        ("F1", finds, ratio),
        *(
            (name, measured, agreement(short))
            for name, short in (
                ("ICC", "icc"),
                ("concordance", "ccc"),
                ("upper limit of agreement", "upper_limit"),
                ("Deming slope", "deming_slope"),
            )
        ),
    ]
    return [
        *known,
        *(Population(name, draw, of, _of_everybody(draw, of)) for name, draw, of in drawn),
    ]


@dataclass(frozen=True, eq=False)
class Difference:
    """Two readers of the same images, and how much the second's figure is larger.

    Args:
        name: of the figure and the readers.
        draw: (N,) patients to (L, N) values of both.
        figures: (L, N) values to the two figures.
        truth: second - first, of all patients.
    """

    name: str
    draw: Draw
    figures: Callable[[Values], tuple[Figure, Figure]]
    truth: float


def two_readers(first: float, second: float, alike: float) -> Draw:
    """(2, N) right answers of two readers who err on the same images where they can.

    Args:
        first: share of right answers of the first reader.
        second: of the second.
        alike: correlation of two answers of one patient.
    """

    def draw(random: np.random.Generator, of: Rows) -> Values:
        hard = np.sqrt(alike) * random.normal(size=of.max() + 1)[of]
        hard = hard + np.sqrt(1 - alike) * random.normal(size=len(of))
        own = np.sqrt(0.5) * (hard + random.normal(size=(2, len(of))))
        return (own < ndtri(np.array([[first], [second]]))).astype(float)

    return draw


def _two_means(random: np.random.Generator, of: Rows) -> Values:
    shared = normal(random, of)
    return np.abs(shared + 0.5 * np.stack([normal(random, of), normal(random, of)]))


def each_of(figure: Callable[[Values], Figure]) -> Callable[[Values], tuple[Figure, Figure]]:
    """The same figure of both rows."""
    return lambda values: (figure(values[:1]), figure(values[1:]))


def differences() -> list[Difference]:
    """Paired shares, from the middle to both readers always right, and errors."""
    pairs = ((0.8, 0.8), (0.8, 0.9), (0.95, 0.95), (0.9, 1.0), (1.0, 1.0))
    return [
        *(
            Difference(
                f"difference of shares {first:g} and {second:g}",
                two_readers(first, second, 0.5),
                each_of(share_of),
                second - first,
            )
            for first, second in pairs
        ),
        Difference("difference of mean errors", _two_means, each_of(mean), 0.0),
        Difference("difference of medians", _two_means, each_of(quantile(0.5)), 0.0),
    ]


def risks(too_low: float) -> Draw:
    """(3, N) stated risk of an event, whether it happened, and the patient.

    Args:
        too_low: by how much every stated risk is below the true one.
    """

    def draw(random: np.random.Generator, of: Rows) -> Values:
        stated = np.clip(expit(-0.5 + normal(random, of)), 0.02, 0.85)
        happened = random.random(len(of)) < stated + too_low
        return np.stack([stated, happened, of])

    return draw


def calibration(name: str) -> Callable[[Values], Figure]:
    """One of the figures of the risk of an event."""

    def figure(values: Values) -> Figure:
        risk, happened, patients = values
        answers = Answers(
            task="t",
            values=("no", "yes"),
            rows=np.arange(len(risk)),
            true=happened.astype(np.intp),
            probabilities=np.column_stack([1 - risk, risk]),
            said=(risk > 0.5).astype(np.intp),
            failed=np.zeros(len(risk), bool),
            unheard=0,
        )
        found = TaskFigures(answers, len(risk), patients=patients.astype(np.intp)).calibration()
        return next(one for one in found if one.name == f"t_{name}")

    return figure


@cache
def calibrations() -> list[Population]:
    """Calibration of an event: of a calibrated reader and of one whose risks are 10 % too low."""
    exact, low = risks(0.0), risks(0.1)
    names = ("calibration_intercept", "calibration_slope", "net_benefit_20")
    return [
        Population("RMS calibration error, calibrated", exact, calibration(_RMS), 0.0),
        Population("RMS calibration error, .10 too low", low, calibration(_RMS), 0.1),
        Population("calibration in the large", low, calibration("calibration_in_the_large"), 0.1),
        *(
            Population(
                name.replace("_", " "),
                low,
                calibration(name),
                _of_everybody(low, calibration(name)),
            )
            for name in names
        ),
    ]


_RMS = "rms_calibration_error"
