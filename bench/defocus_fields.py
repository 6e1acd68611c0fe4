"""Fields cut from published images, as tables that `fit` opens, and as arrays."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import median_abs_deviation

from polyclinic.data import Cohort
from polyclinic.data.partner import sharp_as_stored
from polyclinic.metrics.figure import Values
from polyclinic.sample import Sample

DEEPEST = 65535
SIDE = 64
TEST_ROWS = range(32, 161, 64)
TRAINING_ROWS = range(256, 737, 32)
"""First rows of fields: 32 pixels lie between those that teach and those that judge."""

LEAST_CONTENT = 0.01
"""Share of a field's pixels in focus that must be 6 robust deviations above the background."""

PAIR_SIDE = 100
PAIR_SHARP = "cell_image2.png"
PAIR_DEGRADED = (
    "cell_image_blurred.png",
    "cell_image_airy_blurred.png",
    "cell_image.png",
    "cell_image_degraded.png",
    "cell_image_poisson_noise.png",
    "cell_image_poisson_noise_py.png",
    "cell_image_vignetted.png",
)
"""Of one crop. The saturated ones hold grey values on another scale, and can't be compared."""

PAIR_TEACHERS = ("00_mcf-z-stacks-03212011_a19_s2_w1.png", "00_mcf-z-stacks-03212011_b01_s2_w1.png")
"""The sharper fields, but that of well a01, which may show the very cell of the pairs."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Pictures:
    """N images of H x W pixels, 0 black to 1 white, with their sharp partners.

    Args:
        samples: of the table.
        images: (N, H, W).
        sharp: (N, H, W); NaN where an image has no partner.
        levels: (N,) micrometres out of focus, or whatever the label `quality` counts.
    """

    samples: Sequence[Sample]
    images: Values
    sharp: Values
    levels: Values

    @property
    def paired(self) -> NDArray[np.intp]:
        """The images that have a partner."""
        return np.flatnonzero(np.isfinite(self.sharp[:, 0, 0]))

    def some(self, rows: Sequence[int] | NDArray[np.intp]) -> Pictures:
        """These of them."""
        chosen = np.asarray(rows, np.intp)
        return Pictures(
            samples=[self.samples[row] for row in chosen],
            images=self.images[chosen],
            sharp=self.sharp[chosen],
            levels=self.levels[chosen],
        )


def pictures(cohort: Cohort, rows: Iterable[int]) -> Pictures:
    """Some images of a table, at the depth of their files."""
    samples = [cohort.samples[row] for row in rows]
    images = np.stack([_shares(_read(Path(str(one.file)))) for one in samples])
    sharp = [_shares(sharp_as_stored(one)) for one in samples]
    return Pictures(
        samples=samples,
        images=images,
        sharp=np.stack([np.full(images[0].shape, np.nan) if one is None else one for one in sharp]),
        levels=np.array([float(one.labels.get("quality", np.nan)) for one in samples]),
    )


def _shares(pixels: Any) -> Any:
    return None if pixels is None else np.asarray(pixels, float) / DEEPEST


def cut_stacks(home: Path, data: Path) -> tuple[Path, int]:
    """Fields of every plane of the defocus stacks, as a table.

    A field of all planes is a patient: its upper rows judge, its lower rows teach. The plane in
    focus is the sharp partner of the others, and `quality` counts micrometres out of focus.

    Returns:
        The table, and the grey value that became white: the largest in the fields that teach,
        rounded up to a hundred.
    """
    with (data / "labels.csv").open(encoding="utf-8", newline="") as file:
        labels = [
            (row["stack"], row["image"], float(row["defocus_um"])) for row in csv.DictReader(file)
        ]
    planes = {name: _read(data / name) for _, name, _ in labels}
    focus = {stack: planes[name] for stack, name, defocus in labels if defocus == 0}
    fields = {stack: list(fields_of(plane)) for stack, plane in focus.items()}
    lower = min(TRAINING_ROWS)
    white = math.ceil(max(one[lower:].max() for one in planes.values()) / 100) * 100
    rows = []
    for stack, name, defocus in labels:
        for part, top, left in fields[stack]:
            field = f"{stack}-{top}-{left}"
            file = f"{field}/{Path(name).name}"
            _write(home / file, planes[name][top : top + SIDE, left : left + SIDE], white)
            partner = next(each for s, each, d in labels if s == stack and d == 0)
            rows.append(
                {
                    "image": file,
                    "patient_id": field,
                    "split": part,
                    "quality": abs(defocus),
                    "sharp_image": "" if defocus == 0 else f"{field}/{Path(partner).name}",
                }
            )
    return _table(home / "fields.csv", rows), white


def fields_of(plane: NDArray[np.uint16]) -> Iterable[tuple[str, int, int]]:
    """Part, first row and first column of each field of a plane in focus that shows something."""
    median = float(np.median(plane))
    bright = plane > median + 6 * median_abs_deviation(plane, axis=None, scale="normal")
    for part, tops, step in (("test", TEST_ROWS, SIDE), ("train", TRAINING_ROWS, SIDE // 2)):
        for top in tops:
            for left in range(0, plane.shape[1] - SIDE + 1, step):
                if bright[top : top + SIDE, left : left + SIDE].mean() >= LEAST_CONTENT:
                    yield part, top, left


def cut_pairs(home: Path, data: Path, white: int) -> Path:
    """Fields of the sharper nuclei images, as a table to be degraded in training."""
    rows = []
    for name in PAIR_TEACHERS:
        plane = _read(data / name)
        for top in range(0, plane.shape[0] - PAIR_SIDE + 1, PAIR_SIDE):
            for left in range(0, plane.shape[1] - PAIR_SIDE + 1, PAIR_SIDE):
                file = f"{Path(name).stem}-{top}-{left}.png"
                crop = plane[top : top + PAIR_SIDE, left : left + PAIR_SIDE]
                _write(home / file, crop, white)
                row = {"image": file, "patient_id": Path(name).stem, "split": "train"}
                rows.append(row | {"quality": 0})
    return _table(home / "fields.csv", rows)


def read_pairs(home: Path, data: Path, white: int) -> Pictures:
    """The published pairs on the scale of the fields that teach; the files lie in `home`."""
    for name in (PAIR_SHARP, *PAIR_DEGRADED):
        _write(home / name, _read(data / name), white)
    files = [home / name for name in PAIR_DEGRADED]
    images = np.stack([_shares(_read(file)) for file in files])
    return Pictures(
        samples=[
            Sample(image_id=file.stem, file=str(file), size=images[0].shape) for file in files
        ],
        images=images,
        sharp=np.repeat(_shares(_read(home / PAIR_SHARP))[None], len(files), 0),
        levels=np.full(len(files), np.nan),
    )


def degraded(
    sharp: Values, degrade: Callable[[NDArray[np.uint16]], tuple[Any, float]], each: int
) -> Pictures:
    """Each sharp image (N, H, W) some times degraded, to choose settings by."""
    partners = np.repeat(sharp, each, 0)
    views = [degrade(np.rint(one * DEEPEST).astype(np.uint16)) for one in partners]
    return Pictures(
        samples=[Sample(image_id=row, size=one.shape) for row, one in enumerate(partners)],
        images=np.stack([_shares(view) for view, _ in views]),
        sharp=partners,
        levels=np.array([level for _, level in views]),
    )


def _read(file: Path) -> NDArray[np.uint16]:
    pixels = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16:
        raise SystemExit(f"{file}: no image of 16 bits")
    return np.asarray(pixels, np.uint16)


def _write(file: Path, pixels: NDArray[np.uint16], white: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    shares = np.clip(pixels / white, 0, 1)
    assert cv2.imwrite(str(file), np.rint(shares * DEEPEST).astype(np.uint16)), file


def _table(file: Path, rows: Sequence[dict[str, Any]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file
