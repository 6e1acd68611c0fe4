"""The middle line of a vessel mask, from one proximal end over the apex to the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.interpolate import splev, splprep
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from polyclinic.measure.thinning import thin
from polyclinic.measure.width_map import WidthMap
from polyclinic.sample import Mask

SMALLEST = 12  # px; a mask with fewer pixels has no shape
PINHOLE = 4  # px; smaller holes are noise, not the inside of a loop
STAIRS = 0.1  # px2; mean square distance of a skeleton's pixels from the true middle line
BRANCH = 3.0  # px beyond the vessel's edge; shorter spurs of the skeleton are noise
HAIRPIN = 1.3  # detour over the apex, against the straight way between the ends


@dataclass(frozen=True, eq=False, kw_only=True)
class Centreline:
    """The middle line of one vessel.

    Args:
        points: (N, 2) x, y; in order along the vessel unless there is a `tangle`.
        half_widths: (N,) px, half of the vessel's width there.
        ends: (2, 2) where the vessel ends beyond the first and the last point; thinning stops
            short of it.
        tangle: why the skeleton is no single line: `limbs-cross` or `vessel-branched`.
    """

    points: NDArray[np.float64]
    half_widths: NDArray[np.float64]
    ends: NDArray[np.float64]
    tangle: str | None

    @property
    def is_hairpin(self) -> bool:
        """Whether the line turns back on itself, as a loop with two separate limbs does."""
        if self.tangle:
            return False
        chord = float(np.linalg.norm(self.points[-1] - self.points[0]))
        return float(self._detour().max()) >= HAIRPIN * chord

    @property
    def tip(self) -> int:
        """Row of the point farthest from both ends together."""
        return int(self._detour().argmax())

    def nearest(self, point: NDArray[np.float64]) -> int:
        """Row of the point nearest to (x, y)."""
        return int(np.linalg.norm(self.points - point, axis=1).argmin())

    def _detour(self) -> NDArray[np.float64]:
        first, last = self.points[0], self.points[-1]
        return np.linalg.norm(self.points - first, axis=1) + np.linalg.norm(
            self.points - last, axis=1
        )


def centreline(mask: Mask) -> Centreline | str:
    """Thin the largest part of a mask and follow its longest line, or say why it can't be done.

    Source: Guo and Hall, Comm. ACM 32:359, 1989 (thinning; on painted loops it shortens the ends
    less than Zhang and Suen's). A cubic spline smooths the stairs of the pixels away.
    """
    if mask.area < SMALLEST:
        return "mask-too-small"
    vessel, has_hole = largest_part(mask.patch)
    widths = WidthMap.of(vessel, mask.left, mask.top)
    rows, columns = np.nonzero(thin(vessel))
    pixels = np.column_stack([columns + mask.left, rows + mask.top]).astype(float)
    if has_hole:
        return _line(pixels, widths, "limbs-cross")
    path = pixels[_longest_path(pixels)]
    if len(path) < 5:
        return "mask-too-small"
    line = _line(_smooth(path), widths, None)
    away, nearest = cKDTree(line.points).query(pixels)
    if (away > line.half_widths[nearest] + BRANCH).any():
        return _line(pixels, widths, "vessel-branched")
    return line


def largest_part(patch: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], bool]:
    """The largest of the connected parts of a mask, pinholes filled, and whether a hole is left."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(patch.astype(np.uint8), connectivity=8)
    largest = parts == 1 + stats[1:, cv2.CC_STAT_AREA].argmax()
    _, around, stats, _ = cv2.connectedComponentsWithStats(
        (~largest).astype(np.uint8), connectivity=4
    )
    pinhole = stats[:, cv2.CC_STAT_AREA] <= PINHOLE
    pinhole[0] = False  # the part itself
    left, top, width, height = stats[:, : cv2.CC_STAT_AREA].T
    size = largest.shape
    enclosed = (left > 0) & (top > 0) & (left + width < size[1]) & (top + height < size[0])
    return largest | pinhole[around], bool((enclosed & ~pinhole)[1:].any())


def _line(points: NDArray[np.float64], widths: WidthMap, tangle: str | None) -> Centreline:
    half_widths = widths.half_widths(points)
    ends = np.stack(
        [_end(points, half_widths, widths), _end(points[::-1], half_widths[::-1], widths)]
    )
    return Centreline(points=points, half_widths=half_widths, ends=ends, tangle=tangle)


def _end(
    points: NDArray[np.float64], half_widths: NDArray[np.float64], widths: WidthMap
) -> NDArray[np.float64]:
    """Follow the direction of the first half width backwards to the edge of the vessel."""
    back = points[0] - points
    sizes = np.linalg.norm(back, axis=1)
    far = int(np.argmax(sizes >= max(half_widths[0], 3.0)))
    if not far:
        return points[0]
    return widths.way_out(points[0], back[far] / sizes[far])


def _longest_path(pixels: NDArray[np.float64]) -> NDArray[np.intp]:
    """Rows of the longest of the shortest paths; on a tree two sweeps find it."""
    pairs = cKDTree(pixels).query_pairs(1.5, output_type="ndarray")
    steps = np.linalg.norm(pixels[pairs[:, 0]] - pixels[pairs[:, 1]], axis=1)
    graph = sparse.csr_array((steps, (pairs[:, 0], pairs[:, 1])), shape=(len(pixels),) * 2)
    start, _ = _farthest(graph, 0)
    end, before = _farthest(graph, start)
    path = [end]
    while path[-1] != start:
        path.append(int(before[path[-1]]))
    return np.array(path)


def _farthest(graph: sparse.csr_array, start: int) -> tuple[int, NDArray[np.int32]]:
    """The node farthest from a start, and the node before each one on the way there."""
    reach, before = dijkstra(
        graph, directed=False, indices=np.array([start]), return_predecessors=True
    )
    return int(np.where(np.isfinite(reach[0]), reach[0], -1).argmax()), before[0]


def _smooth(path: NDArray[np.float64]) -> NDArray[np.float64]:
    spline: Any  # its stubs leave knots, coefficients and degree open
    spline, places = splprep(path.T, s=STAIRS * len(path))
    return np.column_stack(splev(places, spline))
