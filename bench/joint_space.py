"""How far joint spaces of phantoms lie from those between the outlines that were painted.

python -m bench.joint_space docs/results/joint_space.json

Native knees of phantom patients whose seed no demonstration uses. Landmarks are exact, or moved
by noise with the median distance of a trained reader (0.4 mm) and with twice that. The least
space is taken between straight lines through the landmarks, between curves through them, and
between the edges that are found in the film, and compared with that between the outlines. The
phantom draws its outlines by smooth curves through the landmarks, so that what landmarks alone
can say is flattered here; edges in the film are not.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from bench.machine import machine
from numpy.typing import NDArray

from polyclinic.atomic import write_text
from polyclinic.data import open_cohort
from polyclinic.schema.knee import JOINT_SURFACES, KNEE_LANDMARKS
from polyclinic.systems.knee.measure.bone_edges import bone_edges
from polyclinic.systems.knee.measure.joint_space import COMPARTMENTS, FROM_LANDMARKS, least_space
from polyclinic.systems.knee.phantoms import make_cohort

SEED, PATIENTS = 7001, 60
MEDIAN_MM = (0.0, 0.4, 0.8)
RAYLEIGH = float(np.sqrt(2 * np.log(2)))  # median distance for a deviation of 1 along each axis

Points = NDArray[np.float64]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = measured(Path(folder))
    result: dict[str, Any] = {
        "seed": SEED,
        "patients": PATIENTS,
        "unit": "mm",
        "compartments": {one.name: summary(rows[one.name]) for one in COMPARTMENTS},
        "machine": machine(),
    }
    text = json.dumps(result, indent=1)
    print(text)
    if len(sys.argv) > 1:
        write_text(text + "\n", Path(sys.argv[1]))


def measured(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """One row a knee and noise level, by compartment: the true space, and each way's."""
    cohort = open_cohort(make_cohort(folder, patients=PATIENTS, seed=SEED))
    random = np.random.default_rng(SEED)
    rows: dict[str, list[dict[str, Any]]] = {one.name: [] for one in COMPARTMENTS}
    for index in range(len(cohort)):
        film = cohort.load(index)
        grey = film.image[..., 1] if film.deep is None else film.deep
        mm = film.spacing.row_mm
        for knee in film.instances or ():
            if knee.landmarks is None or not (knee.landmarks[:, 2] > 0).all():
                continue
            exact = knee.landmarks[:, :2]
            painted = {name: line * mm for name, line in knee.outlines.items()}
            for median in MEDIAN_MM:
                points = exact + random.normal(0, median / RAYLEIGH / mm, exact.shape)
                seen = bone_edges(grey, points, (mm, mm))
                ways = {
                    "straight lines": straight(points * mm),
                    "landmarks": {},
                    "image": {name: line * mm for name, line in seen.items()},
                }
                for one in COMPARTMENTS:
                    row: dict[str, Any] = {"median_mm": median}
                    row["true"] = least_space(exact * mm, one, painted).value
                    for way, outlines in ways.items():
                        width = least_space(points * mm, one, outlines)
                        row[way] = width.value
                        row[f"{way} unseen"] = FROM_LANDMARKS in width.flags
                    rows[one.name].append(row)
    return rows


def straight(points: Points) -> dict[str, Points]:
    """Straight lines between landmarks, as joint surfaces."""
    return {
        name: points[[KNEE_LANDMARKS.index(one) for one in names]]
        for name, names in JOINT_SURFACES.items()
    }


def summary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bias, mean absolute error and 95th percentile of each way and noise level."""
    found = []
    for median in MEDIAN_MM:
        some = [row for row in rows if row["median_mm"] == median]
        true = np.array([row["true"] for row in some])
        for way in ("straight lines", "landmarks", "image"):
            error = np.array([row[way] for row in some], float) - true
            found.append(
                {
                    "landmarks_off_mm": median,
                    "space_between": way,
                    "knees": len(some),
                    "mean_space": round(float(true.mean()), 2),
                    "bias": round(float(error.mean()), 3),
                    "mae": round(float(np.abs(error).mean()), 3),
                    "p95": round(float(np.quantile(np.abs(error), 0.95)), 3),
                    "measured_from_landmarks": int(sum(row[f"{way} unseen"] for row in some)),
                }
            )
    return found


if __name__ == "__main__":
    main()
