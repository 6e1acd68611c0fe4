"""An annotated data set and the readings of it, drawn as JSON without a model or real pixels."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from faster_coco_eval.core import mask as coco_mask
from numpy.typing import NDArray

from polyclinic.atomic import write_json
from polyclinic.reading import Measurement
from polyclinic.schema import NAILFOLD_LANDMARKS
from polyclinic.schema.category_rows import category_rows

HEIGHT, WIDTH = 384, 512
CLASSES = ("normal", "blur", "abnormal")
SHAPES = 64
SPACING_MM = 0.002
GRADES = ("none", "early", "active", "late")
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much to make."""

    images: int = 10_000
    instances: int = 20
    patients: int = 2_000


def write_stored(folder: Path, sizes: Sizes, seed: int = 0) -> tuple[Path, Path]:
    """Write images, annotations and readings; returns the paths of the two JSON files.

    One image in a hundred is a hundred-byte PNG of one grey, linked under each name. Of the
    annotated instances 8 % are missed; found ones lie 2 px away, 10 % have another class; each
    image has two finds of nothing, of low score.
    """
    random = np.random.default_rng(seed)
    names = _write_images(folder / "images", sizes.images)
    grades = random.integers(0, len(GRADES), sizes.images)
    outlines = [_outline(random) for _ in range(SHAPES)]
    true = _Table.drawn(random, sizes)
    found = true.read(random)
    categories = category_rows(CLASSES, NAILFOLD_LANDMARKS)
    data = {
        "images": [
            _image(number, name, sizes) | {"labels": {"grade": GRADES[grades[number]]}}
            for number, name in enumerate(names)
        ],
        "annotations": true.rows(outlines, scored=False),
        "categories": categories,
    }
    readings = {
        "info": {"description": "polyclinic readings", "model": "drawn"},
        "images": [
            _image(number, name, sizes) | _said(random, int(grades[number]), rows)
            for (number, name), rows in zip(enumerate(names), found.of_images(sizes), strict=True)
        ],
        "annotations": found.rows(outlines, scored=True),
        "categories": categories,
    }
    return (
        write_json(data, folder / "data.coco.json"),
        write_json(readings, folder / "readings.json"),
    )


@dataclass(frozen=True, eq=False)
class _Table:
    """M instances: image, corner (x, y), class, landmarks (M, 8, 3), score and outline."""

    image: NDArray[np.int64]
    corner: NDArray[np.int64]
    category: NDArray[np.int64]
    landmarks: NDArray[np.float64]
    score: NDArray[np.float64]
    outline: NDArray[np.int64]

    @classmethod
    def drawn(cls, random: np.random.Generator, sizes: Sizes) -> _Table:
        count = sizes.images * sizes.instances
        place = np.tile(np.arange(sizes.instances), sizes.images)
        corner = np.column_stack([place % 5 * 100, place // 5 * 92]) + random.integers(
            4, 30, (count, 2)
        )
        spots = random.uniform((2, 2), (28, 58), (count, len(NAILFOLD_LANDMARKS), 2))
        points = np.round(corner[:, None] + spots, 2)
        seen = np.where(random.random(points.shape[:2]) < 0.95, 2.0, 0.0)
        return cls(
            np.repeat(np.arange(sizes.images), sizes.instances),
            corner,
            random.integers(0, len(CLASSES), count),
            np.concatenate([points, seen[..., None]], 2) * (seen > 0)[..., None],
            np.ones(count),
            random.integers(0, SHAPES, count),
        )

    def read(self, random: np.random.Generator) -> _Table:
        """What a reader makes of it."""
        kept = np.flatnonzero(random.random(len(self.image)) > 0.08)
        images = int(self.image.max()) + 1
        false = random.integers(0, len(self.image), 2 * images)
        rows = np.concatenate([kept, false])
        is_false = np.arange(len(rows)) >= len(kept)
        corner = self.corner[rows] + random.integers(-2, 3, (len(rows), 2))
        corner[is_false] += 40
        landmarks = self.landmarks[rows].copy()
        landmarks[..., :2] += random.normal(0, 2, (*landmarks.shape[:2], 2))
        landmarks[..., 2] = np.where(random.random(landmarks.shape[:2]) < 0.98, 2, 0)
        score = np.where(is_false, random.beta(2, 4, len(rows)), random.beta(8, 2, len(rows)))
        other = random.integers(0, len(CLASSES), len(rows))
        image = np.concatenate([self.image[kept], np.repeat(np.arange(images), 2)])
        order = np.lexsort([-score, image])
        category = np.where(random.random(len(rows)) < 0.1, other, self.category[rows])
        outline = (self.outline[rows] + (random.random(len(rows)) < 0.8)) % SHAPES
        table = (image, np.clip(corner, 0, (WIDTH - 32, HEIGHT - 62)), category)
        return _Table(*(v[order] for v in (*table, landmarks, score, outline)))

    def of_images(self, sizes: Sizes) -> list[int]:
        """Number of instances of each image."""
        return np.bincount(self.image, minlength=sizes.images).tolist()

    def rows(self, outlines: list[NDArray[np.int64]], *, scored: bool) -> list[Row]:
        """COCO annotations."""
        masks = self._masks(outlines)
        boxes = np.column_stack([self.corner, np.full_like(self.corner, (30, 60))]).tolist()
        shares = np.full((len(self.image), len(CLASSES)), 0.1)
        np.put_along_axis(shares, self.category[:, None], 0.8, 1)
        rows = []
        for row, (image, category) in enumerate(
            zip(self.image.tolist(), self.category.tolist(), strict=True)
        ):
            one = {
                "id": row + 1,
                "image_id": image,
                "category_id": category + 1,
                "bbox": boxes[row],
                "area": 1400.0,
                "iscrowd": 0,
                "segmentation": {"size": [HEIGHT, WIDTH], "counts": masks[row]},
                "keypoints": self.landmarks[row].ravel().tolist(),
            }
            if scored:
                one |= {
                    "score": float(self.score[row]),
                    "probabilities": shares[row].tolist(),
                    "landmark_confidence": [float(self.score[row])] * len(NAILFOLD_LANDMARKS),
                }
            rows.append(one)
        return rows

    def _masks(self, outlines: list[NDArray[np.int64]]) -> list[str]:
        """Compressed runs of each outline, moved to its corner."""
        first = self.corner[:, 0] * HEIGHT + self.corner[:, 1]
        runs = []
        for row, start in enumerate(first.tolist()):
            inner = outlines[self.outline[row]]
            counts = [start + int(inner[0]), *inner[1:].tolist()]
            counts.append(HEIGHT * WIDTH - sum(counts))
            runs.append({"size": [HEIGHT, WIDTH], "counts": counts})
        packed = coco_mask.frPyObjects(runs, HEIGHT, WIDTH)
        return [one["counts"].decode("ascii") for one in packed]


def _outline(random: np.random.Generator) -> NDArray[np.int64]:
    """Runs down the columns of the frame, of an arch of 30 x 60 pixels without the last run."""
    patch = np.zeros((HEIGHT, 30), np.uint8)
    lean, thick = int(random.integers(-2, 3)), int(random.integers(5, 9))
    cv2.ellipse(patch, (14 + lean, 16), (10, 12), 0, 180, 360, 1, thick)
    for x in (4 + lean, 24 + lean):
        cv2.line(patch, (x, 16), (x + lean, 56), 1, thick)
    flat = patch.T.ravel()
    edges = np.flatnonzero(np.diff(flat, prepend=0, append=0))
    return np.diff(edges, prepend=0)


def _image(number: int, name: str, sizes: Sizes) -> Row:
    return {
        "id": number,
        "file_name": name,
        "height": HEIGHT,
        "width": WIDTH,
        "patient_id": f"p{number % sizes.patients}",
        "site": ("A", "B", "C")[number % sizes.patients % 3],
        "spacing_mm": [SPACING_MM, SPACING_MM],
        "spacing_source": "calibrated",
    }


def _said(random: np.random.Generator, grade: int, instances: int) -> Row:
    """What a reader says of a whole image, and two measurements an instance."""
    shares = random.dirichlet(np.where(np.arange(len(GRADES)) == grade, 4.0, 1.0))
    widths = random.gamma(20, 0.8, (instances, 2)).tolist()
    made = [
        asdict(
            Measurement(
                name=name,
                value=value,
                unit="um",
                lower=0.9 * value,
                upper=1.1 * value,
                formula="distance of the wall landmarks",
                source="landmarks",
                scale_source="calibrated",
                instance=instance,
            )
        )
        for instance, pair in enumerate(widths)
        for name, value in zip(("apical_diameter", "venous_diameter"), pair, strict=True)
    ]
    return {
        "annotated": ["grade", "instances", "landmarks", "masks"],
        "findings": {"grade": dict(zip(GRADES, shares.tolist(), strict=True))},
        "labels": {"grade": GRADES[int(shares.argmax())]},
        "quality": {"sharpness": float(random.random())},
        "measurements": made,
    }


def _write_images(folder: Path, count: int) -> list[str]:
    """Names of PNG files that are all one file."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"i{number:05d}.png" for number in range(count)]
    first = folder / names[0]
    if not cv2.imwrite(str(first), np.full((HEIGHT, WIDTH), 170, np.uint8)):
        raise OSError(f"{first} can't be written")
    for name in names[1:]:
        os.link(first, folder / name)
    return names
