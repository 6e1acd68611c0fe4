"""The longest way along the pixels of a skeleton."""

from __future__ import annotations

import heapq
import math

import numpy as np
from numpy.typing import NDArray

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
