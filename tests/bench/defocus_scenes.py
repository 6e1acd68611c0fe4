"""Small stand-ins for the data of bench.defocus."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from bench.defocus_classical import METHODS
from bench.defocus_fields import Pictures
from bench.defocus_pairs import PAIR_DEGRADED, PAIR_SHARP, PAIR_TEACHERS

from polyclinic.data.degrade.effects import gaussian_blur
from polyclinic.sample import Sample

FOCUS = (0.2, 0.0)
"""Of the upper and of the lower rows."""


def scene(seed=0, side=48):
    """Small spots on a dark ground."""
    rng = np.random.default_rng(seed)
    image = np.full((side, side), 0.1)
    for x, y in rng.integers(6, side - 6, (12, 2)):
        cv2.circle(
            image, (int(x), int(y)), int(rng.integers(1, 4)), float(rng.uniform(0.4, 0.9)), -1
        )
    return image


def seen(count=6, levels=(1.0, 2.0)):
    """Scenes at levels of blur in turn, two images a field."""
    sharp = np.stack([scene(row // 2) for row in range(count)])
    level = np.resize(levels, count)
    return Pictures(
        samples=[
            Sample(
                image_id=row,
                size=sharp[row].shape,
                patient_id=f"stack-{row // 2}",
                labels={"quality": float(level[row])},
            )
            for row in range(count)
        ],
        images=np.stack([gaussian_blur(s, float(v)) for s, v in zip(sharp, level, strict=True)]),
        sharp=sharp,
        levels=level,
    )


def named(name):
    return next(one for one in METHODS if one.name == name)


def stacks(folder: Path) -> Path:
    """Two stacks of small spots, blurred by their distance from a plane in focus that is tilted."""
    rng = np.random.default_rng(0)
    rows = ["stack,image,defocus_um,laplacian_var"]
    home = folder / "dfnn_defocus_stacks"
    for number, stack in enumerate(("mitochondria", "microtubules")):
        (home / stack).mkdir(parents=True)
        plane = np.full((800, 128), 100.0)
        for x, y in rng.integers(4, (124, 796), (400, 2)):
            cv2.circle(plane, (int(x), int(y)), 2, 600.0 + 100 * number, -1)
        for defocus in (-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6):
            seen = plane.copy()
            for top in range(0, 800, 100):
                blurred = gaussian_blur(plane, 6 * abs(defocus - FOCUS[top >= 500]))
                seen[top : top + 100] = blurred[top : top + 100]
            name = f"{stack}/z{51 - round(20 * defocus):04d}.png"
            noisy = seen + rng.normal(0, 5, plane.shape)
            cv2.imwrite(str(home / name), noisy.clip(0, 4000).astype(np.uint16))
            rows.append(f"{stack},{name},{defocus},0")
    (home / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def nuclei(folder: Path) -> None:
    home = folder / "bbbc006_degradation_pairs"
    home.mkdir()
    for row, name in enumerate(PAIR_TEACHERS):
        cv2.imwrite(str(home / name), (900 * scene(row, 210)).astype(np.uint16))
    sharp = scene(9, 100)
    cv2.imwrite(str(home / PAIR_SHARP), (900 * sharp).astype(np.uint16))
    for row, name in enumerate(PAIR_DEGRADED):
        blurred = gaussian_blur(sharp, 1 + row / 2)
        cv2.imwrite(str(home / name), (900 * blurred).astype(np.uint16))
