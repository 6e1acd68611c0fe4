"""One capillary in the image: its pose, middle lines, widths and how strongly they show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.nailfold.phantoms.plan import LoopPlan

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Pose:
    """Place, direction and visibility of a loop.

    Args:
        apex: (2,) x, y in px.
        tilt: radians, clockwise in the image; 0 has the apex on top.
        contrast: factor on the light that blood absorbs.
        um_per_px: scale.
        visible_contrast: darkening of green light from which a vessel is annotated.
    """

    apex: Floats
    tilt: float
    contrast: float
    um_per_px: float
    visible_contrast: float

    @property
    def axis(self) -> Floats:
        """(2,) unit vector towards the finger tip."""
        return np.array([np.sin(self.tilt), -np.cos(self.tilt)])

    def place(self, local_um: Floats) -> Floats:
        """(N, 2) sideways and depth in µm to x, y in px."""
        cosine, sine = np.cos(self.tilt), np.sin(self.tilt)
        turned = local_um @ np.array([[cosine, sine], [-sine, cosine]])
        return self.apex + turned / self.um_per_px


@dataclass(frozen=True, eq=False, kw_only=True)
class Strand:
    """A vessel as a row of discs, from the apex (or its root) to its end.

    Args:
        points: (N, 2) x, y of the middle line in px.
        radii: (N,) in px.
        strength: (N,) share of its light absorption that is seen; falls as the vessel dives.
        visible: number of discs, from the first, that can be told from the skin.
        depth_um: (N,) depth below the apex along the loop's axis.
    """

    points: Floats
    radii: Floats
    strength: Floats
    visible: int
    depth_um: Floats

    @property
    def end(self) -> Floats:
        """(2,) where the vessel fades from sight."""
        return self.points[self.visible - 1]

    @property
    def covering(self) -> int:
        """Number of discs that make the mask: the last one just reaches `end`."""
        left = np.linalg.norm(self.points[: self.visible] - self.end, axis=1)
        return max(int((left >= self.radii[: self.visible]).sum()), 1)

    def length_px(self) -> float:
        """Length of the middle line as far as it is visible."""
        steps = np.diff(self.points[: self.visible], axis=0)
        return float(np.linalg.norm(steps, axis=1).sum())


@dataclass(frozen=True, eq=False, kw_only=True)
class Loop:
    """A loop: two limbs that begin with the same disc at the apex, and side branches.

    Args:
        plan: its measures.
        left, right: limbs as seen in the image.
        branches: side vessels.
        axis: (2,) unit vector in the image towards the finger tip.
        um_per_px: scale.
    """

    plan: LoopPlan
    left: Strand
    right: Strand
    branches: tuple[Strand, ...]
    axis: Floats
    um_per_px: float

    @property
    def apex(self) -> Floats:
        """(2,) middle of the vessel at its distal end."""
        return self.left.points[0]

    @property
    def strands(self) -> tuple[Strand, ...]:
        """Limbs, then branches."""
        return (self.left, self.right, *self.branches)

    def crossing(self) -> Floats | None:
        """(2,) where the limbs cross; None where they do not, or not visibly."""
        if self.plan.crossing_um is None:
            return None
        left, right = self.left, self.right
        row = int(np.searchsorted(left.depth_um, self.plan.crossing_um))
        other = int(np.searchsorted(right.depth_um, self.plan.crossing_um))
        if row >= left.visible or other >= right.visible:
            return None
        return (left.points[row] + right.points[other]) / 2
