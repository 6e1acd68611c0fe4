"""The middle line of a vessel mask, from one proximal end over the apex to the other."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from threading import Lock
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import splev, splprep

from polyclinic.own_process import OwnOfProcess
from polyclinic.sample import Mask
from polyclinic.systems.nailfold.measure.thinning import euler_number, thin, to_bits
from polyclinic.systems.nailfold.measure.width_map import WidthMap

DIAGONAL = math.sqrt(2)


def longest_path(skeleton: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The longest of the shortest paths between two pixels; on a tree two sweeps find it.

    Args:
        skeleton: (h, w), with at least one pixel; neighbours touch at an edge or a corner.

    Returns:
        Rows of `np.nonzero(skeleton)` in order along the path, which ends at the pixel farthest
        from the first one.
    """
    rows, columns = np.nonzero(skeleton)
    pairs = _pairs(skeleton, rows, columns)
    ends = pairs.ravel()
    degree = np.bincount(ends, minlength=len(rows))
    if degree.max() <= 2 and len(rows) == pairs.shape[1] + 1:
        # Half as many pairs as ends, less one: a line, unless it is in parts.
        walked = _walked(ends, pairs, degree)
        if len(walked) == len(rows):
            return _to_the_farthest(walked, rows, columns)
    return _two_sweeps(pairs, rows, columns)


def _pairs(
    skeleton: NDArray[np.bool_], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.intp]:
    """(2, E) neighbouring pixels, the earlier one first."""
    height, width = skeleton.shape
    stride = width + 2
    number = np.full((height + 1) * stride, -1)
    flat = rows * stride + columns + 1
    number[flat] = np.arange(len(flat))
    later = number[flat + np.array([[1], [stride - 1], [stride], [stride + 1]])]
    found = later >= 0
    return np.stack([np.nonzero(found)[1], later[found]])


def _walked(
    ends: NDArray[np.intp], pairs: NDArray[np.intp], degree: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Pixels of a line in order: the next one is the sum of both neighbours less the last."""
    both = np.bincount(ends, weights=pairs[::-1].ravel(), minlength=len(degree)).astype(int)
    sums, tips = both.tolist(), np.flatnonzero(degree <= 1).tolist()
    here, last = tips[0], 0
    order = [here]
    while here != tips[-1]:
        here, last = sums[here] - last, here
        order.append(here)
    return np.array(order)


def _to_the_farthest(
    order: NDArray[np.intp], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.intp]:
    """A line in the direction that ends at the pixel farthest from the first pixel."""
    straight = (rows[order[1:]] == rows[order[:-1]]) | (columns[order[1:]] == columns[order[:-1]])
    steps = np.where(straight, 1.0, DIAGONAL)
    first = int(order.argmin())
    backward, forward = steps[:first][::-1].cumsum(), steps[first:].cumsum()
    back, ahead = (float(reach[-1]) if len(reach) else 0.0 for reach in (backward, forward))
    # Of two ends equally far the earlier pixel counts.
    ends_there = ahead > back or (ahead == back and order[-1] < order[0])
    return order if ends_there else order[::-1]


def _two_sweeps(
    pairs: NDArray[np.intp], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.intp]:
    straight = (rows[pairs[0]] == rows[pairs[1]]) | (columns[pairs[0]] == columns[pairs[1]])
    near: list[list[tuple[int, float]]] = [[] for _ in rows]
    for one, other, is_straight in zip(*pairs.tolist(), straight.tolist(), strict=True):
        step = 1.0 if is_straight else DIAGONAL
        near[one].append((other, step))
        near[other].append((one, step))
    start, _ = _farthest(near, 0)
    end, before = _farthest(near, start)
    path = [end]
    while path[-1] != start:
        path.append(before[path[-1]])
    return np.array(path)


def _farthest(near: list[list[tuple[int, float]]], start: int) -> tuple[int, list[int]]:
    """The pixel farthest from a start, and the one before each on the way there (Dijkstra)."""
    reach, before = [math.inf] * len(near), [-1] * len(near)
    reach[start] = 0.0
    waiting = [(0.0, start)]
    while waiting:
        gone, here = heapq.heappop(waiting)
        if gone > reach[here]:
            continue
        for other, step in near[here]:
            if gone + step < reach[other]:
                reach[other] = gone + step
                before[other] = here
                heapq.heappush(waiting, (gone + step, other))
    far = max((one for one in reach if one < math.inf), default=0.0)
    return reach.index(far), before


SMALLEST = 12  # px; a mask with fewer pixels has no shape
PINHOLE = 4  # px; smaller holes are noise, not the inside of a loop
STAIRS = 0.1  # px2; mean square distance of a skeleton's pixels from the true middle line
BRANCH = 3.0  # px beyond the vessel's edge; shorter spurs of the skeleton are noise
CORNER = math.sqrt(2)  # half widths from where the skeleton forks to the corners of a squared end
HAIRPIN = 1.3  # detour over the apex, against the straight way between the ends
ONE_FIT = OwnOfProcess(Lock)
"""scipy hands a fit's arrays on through a variable that all threads share."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Centreline:
    """The middle line of one vessel.

    Args:
        points: (N, 2) x, y; in order along the vessel unless there is a `tangle`.
        widths: how wide the vessel is.
        ends: (2, 2) where the vessel ends beyond the first and the last point; thinning stops
            short of it.
        tangle: why the skeleton is no single line: `limbs-cross` or `vessel-branched`.
    """

    points: NDArray[np.float64]
    widths: WidthMap
    ends: NDArray[np.float64]
    tangle: str | None

    def half_widths(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """(M,) px, half of the vessel's width at some of the points."""
        return self.widths.half_widths(self.points[rows])

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
        return int(_sizes(self.points - point).argmin())

    def _detour(self) -> NDArray[np.float64]:
        first, last = self.points[0], self.points[-1]
        return _sizes(self.points - first) + _sizes(self.points - last)


def centreline(mask: Mask) -> Centreline | str:
    """Thin the largest part of a mask and follow its longest line, or say why it can't be done.

    Source: Guo and Hall, Comm. ACM 32:359, 1989 (thinning; on painted loops it shortens the ends
    less than Zhang and Suen's). A cubic spline smooths the stairs of the pixels away.
    """
    if mask.area < SMALLEST:
        return "mask-too-small"
    vessel, has_hole = largest_part(mask.patch)
    skeleton = thin(vessel)
    rows, columns = np.nonzero(skeleton)
    widths = WidthMap.of(vessel, mask.left, mask.top)
    pixels = np.column_stack([columns + mask.left, rows + mask.top]).astype(float)
    if has_hole:
        return _line(pixels, widths, "limbs-cross")
    along = longest_path(skeleton)
    if len(along) < 5:
        return "mask-too-small"
    if _has_branch(pixels, along, widths):
        return _line(pixels, widths, "vessel-branched")
    return _line(_smooth(pixels[along]), widths, None)


def largest_part(patch: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], bool]:
    """The largest of the connected parts of a mask, pinholes filled, and whether a hole is left."""
    labels, parts = cv2.connectedComponents(patch.view(np.uint8), connectivity=8)
    largest = patch
    if labels > 2:
        largest = parts == 1 + np.bincount(parts.ravel())[1:].argmax()
    _, around = cv2.connectedComponents((~largest).view(np.uint8), connectivity=4)
    pinhole = np.bincount(around.ravel()) <= PINHOLE
    pinhole[0] = False  # the part itself
    vessel = largest | pinhole[around] if pinhole.any() else largest
    return vessel, euler_number(*to_bits(vessel)) < 1


def _line(points: NDArray[np.float64], widths: WidthMap, tangle: str | None) -> Centreline:
    ends = np.stack([_end(points, widths), _end(points[::-1], widths)])
    return Centreline(points=points, widths=widths, ends=ends, tangle=tangle)


def _has_branch(pixels: NDArray[np.float64], along: NDArray[np.intp], widths: WidthMap) -> bool:
    """Whether the skeleton leaves the vessel that belongs to its longest line.

    Where a vessel ends as if cut off, the skeleton forks into both corners and the line takes one
    of them: the other one, as far from the fork as a corner can be, is no branch.
    """
    line, rest = pixels[along], np.delete(pixels, along, 0)
    radii = widths.roughly(line)
    to_end = np.minimum(_sizes(line - line[0]), _sizes(line - line[-1]))
    reach = np.where(to_end <= CORNER * radii + BRANCH, CORNER, 1.0) * radii + BRANCH
    apart = np.hypot(rest[:, :1] - line[:, 0], rest[:, 1:] - line[:, 1])
    return bool((apart > reach).all(1).any())


def _end(points: NDArray[np.float64], widths: WidthMap) -> NDArray[np.float64]:
    """Follow the direction of the first half width backwards to the edge of the vessel."""
    back = points[0] - points
    sizes = _sizes(back)
    far = int(np.argmax(sizes >= max(widths.half_widths(points[:1])[0], 3.0)))
    if not far:
        return points[0]
    return widths.way_out(points[0], back[far] / sizes[far])


def _smooth(path: NDArray[np.float64]) -> NDArray[np.float64]:
    spline: Any  # its stubs leave knots, coefficients and degree open
    with ONE_FIT():
        spline, places = splprep(path.T, s=STAIRS * len(path))
    return np.column_stack(splev(places, spline))


def _sizes(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.hypot(vectors[:, 0], vectors[:, 1])
