"""What is stored and printed of ways to restore images, and of ways to see how poor they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from bench.defocus_fields import Pictures
from bench.defocus_stacks import detail_of
from numpy.typing import NDArray
from scipy.ndimage import laplace
from scipy.stats import spearmanr

from polyclinic.evaluation.compare import differences
from polyclinic.evaluation.judging import with_intervals
from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Figure, Values
from polyclinic.metrics.jackknife import patient_intervals
from polyclinic.metrics.judges import judge_kinds
from polyclinic.metrics.pooled import mean_figure
from polyclinic.metrics.restoration import psnr, ssim
from polyclinic.reading import Reading
from polyclinic.sample import Sample

Restored = Mapping[str, Values]
"""(N, H, W) by the name of the method."""

INTERVAL = "95 %, fields drawn; not for new trainings, nor for other stacks"


def fidelity(restored: Values, sharp: Values) -> dict[str, Values]:
    """(N,) PSNR in dB and SSIM of (N, H, W) images and their partners, 0 black to 1 white."""
    pairs = list(zip(restored, sharp, strict=True))
    return {
        "psnr": np.array([psnr(one, other, data_range=1.0) for one, other in pairs]),
        "ssim": np.array([ssim(one, other, data_range=1.0) for one, other in pairs]),
    }


def restoration(restored: Restored, seen: Pictures, ours: str) -> dict[str, Any]:
    """Figures of each method, and of ours less each other under the same draws of fields."""
    found = {name: fidelity(images, seen.sharp) for name, images in restored.items()}
    patients = patient_rows(seen.samples)
    return {
        "interval": INTERVAL,
        "methods": [
            {
                "name": name,
                **measured(each, patients),
                "psnr_by_level": {
                    f"{level:g}": round(float(each["psnr"][seen.levels == level].mean()), 3)
                    for level in np.unique(seen.levels)
                },
            }
            for name, each in found.items()
        ],
        "differences": [
            {
                "of": f"{ours} less {name}",
                **measured({key: found[ours][key] - each[key] for key in each}, patients),
            }
            for name, each in found.items()
            if name != ours
        ],
        "worse_than_untouched": round(
            float((found[ours]["psnr"] < found["untouched"]["psnr"]).mean()), 4
        ),
    }


def measured(values: Mapping[str, Values], patients: NDArray[np.intp]) -> dict[str, Any]:
    """Means of (N,) values with intervals over patients."""
    rows = np.arange(len(patients))
    figures = [
        mean_figure(name, each, rows, len(rows), scale="real") for name, each in values.items()
    ]
    once = np.ones((1, len(rows)))
    found = patient_intervals(figures, patients)
    return {
        figure.name: _numbers(float(figure.weighted(once)[0]), interval.lower, interval.upper)
        for figure, interval in zip(figures, found, strict=True)
    }


def alone(restored: Restored, seen: Pictures) -> list[dict[str, Any]]:
    """PSNR and SSIM of each image by itself, without interval."""
    found = {name: fidelity(images, seen.sharp) for name, images in restored.items()}
    return [
        {
            "image": str(sample.image_id),
            **{
                name: {key: round(float(values[row]), 4) for key, values in each.items()}
                for name, each in found.items()
            },
        }
        for row, sample in enumerate(seen.samples)
    ]


def poorness(images: Values) -> dict[str, Values]:
    """(N,) plain guesses at how poor (N, H, W) images are: how little fine detail they have.

    `detail` is what the focus of a field was found with, which favours it.
    """
    detail = detail_of(images)
    return {
        "variance of the Laplacian": -np.array([laplace(image).var() for image in images]),
        "detail": -detail,
        "detail over variance": -detail / images.var((1, 2)),
    }


def quality(readings: Mapping[str, Values], samples: Sequence[Sample], ours: str) -> dict[str, Any]:
    """Rank correlation of (N,) stated and known poorness, of ours less the others' too.

    Args:
        readings: numbers by the name of who stated them, higher is poorer.
        samples: with the label `quality`.
        ours: whose error in units of the label is given as well.
    """
    figures = {name: _figures(values, samples) for name, values in readings.items()}
    patients = patient_rows(samples)
    readers = []
    for name, each in figures.items():
        metrics = {one.name: one for one in with_intervals(each, patients)}
        kept = ("srcc", "mae", "plcc") if name == ours else ("srcc",)
        shown = {key: vars(metrics[f"quality_{key}"]) for key in kept}
        within = _within(readings[name], samples, patients)
        readers.append(
            {
                "name": name,
                **{
                    key: _numbers(one["value"], one["lower"], one["upper"])
                    for key, one in shown.items()
                },
                "srcc_within_fields": within,
                "srcc_of_published": _published(readings[name], samples),
            }
        )
    less = [
        {
            "of": f"{ours} less {name}",
            "srcc": _numbers(one.difference, one.lower, one.upper),
        }
        for name in readings
        if name != ours
        for one in differences(figures[name], figures[ours], patients)
        if one.name == "quality_srcc"
    ]
    return {"interval": INTERVAL, "readers": readers, "differences": less}


def _figures(values: Values, samples: Sequence[Sample]) -> list[Figure]:
    cases: list[Case] = [
        (
            sample,
            Reading(image_id=sample.image_id, size=sample.size, quality={"quality": float(value)}),
        )
        for sample, value in zip(samples, values, strict=True)
    ]
    return judge_kinds(cases, 0.5)


def _within(
    values: Values, samples: Sequence[Sample], patients: NDArray[np.intp]
) -> dict[str, Any]:
    """Mean over fields of the rank correlation inside each field."""
    true = np.array([float(one.labels["quality"]) for one in samples])
    fields = np.unique(patients)
    each = [spearmanr(values[patients == one], true[patients == one]).statistic for one in fields]
    return measured({"srcc": np.array(each)}, np.arange(len(fields)))["srcc"]


def _published(values: Values, samples: Sequence[Sample]) -> float | None:
    """Rank correlation with the distance from the published plane in focus, where it is known."""
    true = [one.labels.get("published") for one in samples]
    if any(one is None for one in true):
        return None
    return round(float(spearmanr(values, np.array(true, float)).statistic), 4)


def _numbers(value: float | None, lower: float | None, upper: float | None) -> dict[str, Any]:
    ends = {"value": value, "lower": lower, "upper": upper}
    return {key: None if one is None else round(one, 4) for key, one in ends.items()}
