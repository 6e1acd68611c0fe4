"""Hairpin loops with known widths, as masks and as landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from polyclinic.geometry import Homography
from polyclinic.sample import Instance, Mask
from polyclinic.schema.nailfold import NAILFOLD_LANDMARKS as SCHEMA


@dataclass(frozen=True)
class Hairpin:
    """A half circle on two straight limbs, apex up, its bend centred on (0, 0)."""

    left_width: float = 8.0
    right_width: float = 8.0
    apart: float = 20.0
    limb: float = 60.0

    @property
    def apex_width(self):
        return (self.left_width + self.right_width) / 2

    def middle(self):
        """Points on the middle line and the vessel's width at each."""
        radius = self.apart / 2
        angle = np.linspace(0, np.pi, 400)
        bend = radius * np.stack([-np.cos(angle), -np.sin(angle)], 1)
        down = np.linspace(0, self.limb, 400)[1:]
        left = np.stack([np.full_like(down, -radius), down], 1)[::-1]
        right = np.stack([np.full_like(down, radius), down], 1)
        share = np.concatenate([np.zeros(399), angle / np.pi, np.ones(399)])
        width = self.left_width + share * (self.right_width - self.left_width)
        return np.vstack([left, bend, right]), width

    def landmarks(self):
        radius, half = self.apart / 2, self.limb / 2
        left, right, top = self.left_width / 2, self.right_width / 2, self.apex_width / 2
        xy = {
            "up": (0, -radius - top),
            "down": (0, -radius + top),
            "left_left": (-radius - left, half),
            "left_right": (-radius + left, half),
            "right_left": (radius - right, half),
            "right_right": (radius + right, half),
            "left_bottom": (-radius, self.limb),
            "right_bottom": (radius, self.limb),
        }
        return np.array([(*xy[name], 2) for name in SCHEMA.names], float)


def placed(loop, move, size, *, mask=True, **known):
    """The loop as an instance, moved by a similarity into a (height, width) frame."""
    landmarks = loop.landmarks()
    landmarks[:, :2] = move.points(landmarks[:, :2])
    if move.reflects:
        landmarks = landmarks[SCHEMA.mirror_order]
    middle, width = loop.middle()
    width = width * move.scale_at((0.0, 0.0))
    painted = paint(move.points(middle), width, size)
    box = painted.box()
    known = {"landmarks": landmarks, **known}
    return Instance(box=box, mask=painted if mask else None, **known)


def paint(middle, width, size):
    """Pixels whose centre lies within half the width of the middle line."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    centres = np.stack([columns.ravel(), rows.ravel()], 1)
    distance, nearest = cKDTree(middle).query(centres, distance_upper_bound=width.max())
    near = np.isfinite(distance)
    inside = np.zeros(len(centres), bool)
    inside[near] = distance[near] <= width[nearest[near]] / 2
    return Mask.from_array(inside.reshape(size))


def at(x, y, degrees=0.0, scale=1.0):
    """A similarity that puts the bend's centre at (x, y)."""
    return Homography.translation(x, y) @ Homography.about((0, 0), degrees=degrees, scale=scale)
