"""Where the bones of a knee end in the image, near where landmarks say.

Two landmarks a centimetre apart do not say how far a condyle bulges between them, and a joint
space is a few millimetres wide. So the edge itself is looked for: along lines across the curve
through the landmarks, the place where dense bone turns into the darker space, and of all such
places the chain that follows the bone without jumps (an active contour of one dimension, solved
exactly by dynamic programming: Amini, Weymouth, Jain, IEEE Trans Pattern Anal Mach Intell 12:855,
1990).

Shape letters: N places along a bone, K places across its edge.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from polyclinic.sample import Pixels
from polyclinic.systems.knee.measure.joint_space import (
    COMPARTMENTS,
    Compartment,
    Points,
    surfaces,
)

Plane = NDArray[np.float64]

ALONG_MM = 0.5
ACROSS_MM = 0.1
REACH_MM = 1.5
"""How far from the curve through the landmarks an edge is looked for, to either side."""
BEYOND_MM = 2.0
"""How far beyond a compartment's span, so that its ends are no ends of the edge."""
SMOOTH_MM = (1.0, 0.2)
"""Standard deviations along and across the edge: noise is not followed."""
JUMP = 0.15
"""What a step across costs, as a share of the strongest edge."""
LEAST_STRENGTH = 1.65
"""Mean slope along the chain, in standard deviations of all slopes; pure noise reaches 1.6."""


@dataclass(frozen=True, eq=False, kw_only=True)
class _Chain:
    """(N, 2) places in mm, and how clearly they are an edge."""

    points: Points
    strength: float


def bone_edges(grey: Pixels, landmarks: Points, pixel_mm: tuple[float, float]) -> dict[str, Points]:
    """The edges of femur and tibia in the compartments where both can be seen.

    Args:
        grey: (H, W), dense parts bright.
        landmarks: (16, 2) in the order of `KNEE_LANDMARKS`, pixels; NaN where missing.
        pixel_mm: width and height of a pixel.

    Returns:
        (N, 2) pixels by the names of `JOINT_SURFACES`; both bones of a compartment or neither.
    """
    scale = np.array(pixel_mm)
    if grey.dtype.itemsize > 2:  # remap looks up whole numbers of 8 and 16 bits, and floats
        grey = grey.astype(np.float32)
    found: dict[str, Points] = {}
    for one in COMPARTMENTS:
        drawn = surfaces(landmarks * scale, one)
        if drawn is None:
            continue
        chains = [
            _chain(grey, curve, towards, scale)
            for curve, towards in ((drawn.femur, -drawn.up), (drawn.tibia, drawn.up))
            for curve in (_within(curve, drawn.along(curve), one, drawn.across),)
        ]
        if all(chain is not None and chain.strength >= LEAST_STRENGTH for chain in chains):
            for name, chain in zip((one.femur, one.tibia), chains, strict=True):
                assert chain is not None
                found[name] = chain.points / scale
    return found


def _within(curve: Points, x: Plane, compartment: Compartment, across: float) -> Points:
    """(N, 2) evenly spaced places of the curve in and a little beyond the span."""
    low, high = (share * across for share in compartment.span)
    part = curve[(x >= low - BEYOND_MM) & (x <= high + BEYOND_MM)]
    if len(part) < 2:  # landmarks that are no knee's
        return part
    far = np.concatenate([[0], np.linalg.norm(np.diff(part, axis=0), axis=1).cumsum()])
    places = np.arange(0, far[-1] + ALONG_MM / 2, ALONG_MM)
    return np.column_stack([np.interp(places, far, part[:, side]) for side in (0, 1)])


def _chain(grey: Pixels, curve: Points, towards: Points, scale: Points) -> _Chain | None:
    """The edge near a curve in mm, beyond which in the direction `towards` lies no bone."""
    if len(curve) < 4:
        return None
    normal = np.gradient(curve, axis=0)[:, ::-1] * (-1, 1)
    lengths = np.linalg.norm(normal, axis=1, keepdims=True)
    if not lengths.all():  # it turns back on itself
        return None
    normal /= lengths
    normal *= np.where(normal @ towards < 0, -1, 1)[:, None]
    offsets = np.arange(-REACH_MM, REACH_MM + ACROSS_MM / 2, ACROSS_MM)
    places = (curve[:, None] + offsets[:, None] * normal[:, None]) / scale
    limits = np.array(grey.shape[::-1]) - 0.5
    if (places < -0.5).any() or (places > limits).any():
        return None
    seen = cv2.remap(
        grey,
        places[..., 0].astype(np.float32),
        places[..., 1].astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(float)
    sigmas = SMOOTH_MM[0] / ALONG_MM, SMOOTH_MM[1] / ACROSS_MM
    slope = -np.gradient(gaussian_filter(seen, sigmas, mode="nearest"), ACROSS_MM, axis=1)
    spread = float(slope.std())
    if spread == 0:
        return None
    chain = _best_chain(slope / np.abs(slope).max())
    strength = float(slope[np.arange(len(chain)), chain].mean()) / spread
    return _Chain(points=curve + offsets[chain][:, None] * normal, strength=strength)


def _best_chain(score: Plane) -> NDArray[np.intp]:
    """(N,) the column of each row: the greatest sum of (N, K) scores less `JUMP` a step."""
    rows, columns = score.shape
    sums = np.full((rows, columns + 2), -np.inf)  # a column beyond either side, never taken
    sums[0, 1:-1] = score[0]
    for before, after, here in zip(sums[:-1], sums[1:, 1:-1], score[1:], strict=True):
        np.maximum(before[:-2], before[2:], out=after)
        after -= JUMP
        np.maximum(after, before[1:-1], out=after)
        after += here
    chain = [int(sums[-1].argmax())]
    for before in sums[-2::-1]:
        at = chain[-1]
        left, stay, right = before[at - 1 : at + 2].tolist()
        chain.append(at if stay >= max(left, right) - JUMP else at - 1 if left >= right else at + 1)
    return np.array(chain[::-1]) - 1
