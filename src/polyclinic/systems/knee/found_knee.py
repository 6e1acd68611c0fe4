"""A knee as the second network sees it, in the pixels of the film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from polyclinic.reading import Reading
from polyclinic.sample import Instance, Sample
from polyclinic.sample.landmark_box import Margins, box_around
from polyclinic.schema import KNEE_CLASSES, LandmarkSchema
from polyclinic.schema.knee import ABSENT, IMPLANT, KNEE, KNEE_LANDMARKS, NATIVE
from polyclinic.systems.knee.films import Half
from polyclinic.systems.knee.measure.bone_edges import bone_edges
from polyclinic.systems.knee.measure.measurer import knee_points

UNBOXED: Margins = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class FoundKnee:
    """What one window shows.

    Args:
        half: where it was looked for.
        middle: (2,) of the window, film pixels.
        points: (K, 2) landmarks, film pixels.
        confidence: (K,) of them.
        read: (K,) which of them are; the others were never taught and have no place.
        seen: probability of `native`, `implant` and `absent`.
        apart: (K, 2) x, y film pixels between the points of two readings; zero for one.
    """

    half: Half
    middle: NDArray[np.float64]
    points: NDArray[np.float64]
    confidence: NDArray[np.float64]
    read: NDArray[np.bool_]
    seen: Mapping[str, float]
    apart: NDArray[np.float64]

    @property
    def score(self) -> float:
        """Probability that there is a knee."""
        return 1.0 - self.seen.get(ABSENT, 0.0)

    @property
    def state(self) -> str:
        """Native or implant, whichever is likelier."""
        implant = self.seen.get(IMPLANT, 0.0) > self.seen.get(NATIVE, 0.0)
        return IMPLANT if implant else NATIVE

    def centre(self, names: Sequence[str], schema: LandmarkSchema | None) -> NDArray[np.float64]:
        """(2,) middle of the named points, of all where none of these names is read."""
        known = () if schema is None else schema.names
        rows = [known.index(name) for name in names if name in known]
        chosen = [row for row in rows if self.read[row]]
        return np.asarray(self.points[chosen or self.read].mean(0))

    def joined(self, other: FoundKnee) -> FoundKnee:
        """The mean of two readings of one window."""
        return replace(
            self,
            points=(self.points + other.points) / 2,
            confidence=(self.confidence + other.confidence) / 2,
            seen={name: (self.seen[name] + other.seen[name]) / 2 for name in self.seen},
            apart=self.points - other.points,
        )

    def flags(self, film: Sample, accept: float, doubt_mm: float) -> list[str]:
        """Reasons for caution, each with the side."""
        side = f"{self.half.side} knee"
        if self.score < accept:
            return [f"{side}: not found"]
        if self.state == IMPLANT:
            return [f"{side}: implant, no landmarks"]
        said = []
        outside = int((self.read & ~inside(self.points, film.size)).sum())
        if outside:
            said.append(f"{side}: outside the film lie {outside} of {self.read.sum()} landmarks")
        mm = self.apart[self.read] * (film.spacing.column_mm, film.spacing.row_mm)
        mean_mm = float(np.linalg.norm(mm, axis=1).mean())
        if mean_mm > doubt_mm:
            said.append(f"{side}: read {mean_mm:.1f} mm elsewhere when mirrored")
        return said

    def instance(self, film: Sample, classes: Sequence[str], margins: Margins | None) -> Instance:
        """The knee as an object of the film; an implant has a box and no landmarks.

        Args:
            film: its size.
            classes: names of the reader; the side is named where they name it.
            margins: of the box around the landmarks.
        """
        name = KNEE_CLASSES[0 if self.half.side == "right" else 1]
        seen = self.read & inside(self.points, film.size)
        landmarks = np.where(
            seen[:, None], np.column_stack([self.points, np.full(len(seen), 2.0)]), 0.0
        )
        found = Instance(
            box=box_around(self.points[self.read], margins or UNBOXED, film.size),
            category=classes.index(name) if name in classes else 0,
            landmarks=landmarks,
            landmark_confidence=self.confidence,
            score=self.score,
            labels={KNEE: self.state},
        )
        if self.state == NATIVE:
            return found
        return replace(found, landmarks=None, landmark_confidence=None)


def with_bone_edges(film: Sample, reading: Reading) -> Reading:
    """The reading of a film with the joint surfaces that the image shows as outlines of its knees.

    Args:
        film: loaded.
        reading: of it, with its scale. Knees with other landmarks than those of `KNEE_LANDMARKS`
            are left as they are, and edges that can't be told from noise are left out.
    """
    schema = reading.landmark_schema
    if schema is None or not set(KNEE_LANDMARKS.names) <= set(schema.names):
        return reading
    order = [schema.index(name) for name in KNEE_LANDMARKS.names]
    grey = film.pixels[..., 1] if film.deep is None or film.deep.ndim != 2 else film.deep
    pixel_mm = reading.spacing.column_mm, reading.spacing.row_mm
    knees = tuple(
        one
        if one.landmarks is None
        else replace(one, outlines=bone_edges(grey, knee_points(one, order), pixel_mm))
        for one in reading.instances or ()
    )
    return replace(reading, instances=knees)


def inside(points: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    """(K,) which points lie on a film of (height, width)."""
    edges = np.array([size[1], size[0]]) - 0.5
    return np.asarray(((points >= -0.5) & (points <= edges)).all(1))
