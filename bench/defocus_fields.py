"""Fields cut from published images: as files, as tables that `fit` opens, and as arrays."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.data import Cohort
from polyclinic.data.partner import sharp_as_stored
from polyclinic.metrics.figure import Values
from polyclinic.sample import Sample

DEEPEST = 65535


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
    images = np.stack([shares_of(read_deep(Path(str(one.file)))) for one in samples])
    partners = [sharp_as_stored(one) for one in samples]
    sharp = [shares_of(None if one is None else one.stored) for one in partners]
    return Pictures(
        samples=samples,
        images=images,
        sharp=np.stack([np.full(images[0].shape, np.nan) if one is None else one for one in sharp]),
        levels=np.array([float(one.labels.get("quality", np.nan)) for one in samples]),
    )


def shares_of(pixels: Any) -> Any:
    return None if pixels is None else np.asarray(pixels, float) / DEEPEST


def read_deep(file: Path) -> NDArray[np.uint16]:
    pixels = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16:
        raise SystemExit(f"{file}: no image of 16 bits")
    return np.asarray(pixels, np.uint16)


def write_deep(file: Path, pixels: NDArray[np.uint16], white: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    shares = np.clip(pixels / white, 0, 1)
    assert cv2.imwrite(str(file), np.rint(shares * DEEPEST).astype(np.uint16)), file


def write_table(file: Path, rows: Sequence[dict[str, Any]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file
