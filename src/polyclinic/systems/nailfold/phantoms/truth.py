"""All that is annotated in one field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.sample import Instance, Mask
from polyclinic.systems.nailfold.phantoms.haemorrhage import Stain, draw_haemorrhage
from polyclinic.systems.nailfold.phantoms.loop import Loop, Strand
from polyclinic.systems.nailfold.phantoms.patient import NailfoldPhantomConfig, Patient, Side
from polyclinic.systems.nailfold.phantoms.placement import (
    Field,
    PlacedLoop,
    Row,
    draw_row,
    place_loops,
)

_ABOVE_UM = (45.0, 120.0)
_ABOVE_A_LOOP = 0.8  # share of haemorrhages straight above an apex


@dataclass(frozen=True, eq=False, kw_only=True)
class Scene:
    """What lies where.

    Args:
        row: where the distal row runs.
        loops: capillaries of both rows, some of them outside the image.
        stains: haemorrhages.
    """

    row: Row
    loops: tuple[PlacedLoop, ...]
    stains: tuple[Stain, ...]


def draw_scene(
    patient: Patient, hand: Side, config: NailfoldPhantomConfig, rng: np.random.Generator
) -> Scene:
    """Lay out one field of a patient's hand."""
    field = Field(patient=patient, hand=hand, row=draw_row(config, rng), config=config)
    loops = place_loops(field, rng)
    distal = [one.loop for one in loops if one.row == 0 and _is_inside(one.loop, config)]
    return Scene(row=field.row, loops=tuple(loops), stains=_draw_stains(field, distal, rng))


def _is_inside(loop: Loop, config: NailfoldPhantomConfig) -> bool:
    height, width = config.size
    x, y = loop.apex
    return bool(0 <= x < width and 0 <= y < height)


def _draw_stains(field: Field, distal: list[Loop], rng: np.random.Generator) -> tuple[Stain, ...]:
    """Haemorrhages distal to the apices, most of them above a loop."""
    width, scale = field.config.size[1], field.config.um_per_px
    stains = []
    for _ in range(rng.poisson(field.patient.disease.haemorrhages * width * scale / 1000)):
        above = rng.uniform(*_ABOVE_UM) / scale
        if distal and rng.random() < _ABOVE_A_LOOP:
            loop = distal[rng.integers(len(distal))]
            centre = loop.apex + above * loop.axis
        else:
            centre = field.row.at(rng.uniform(-1, 1) * width / 2, -above)
        stains.append(draw_haemorrhage(centre, field.row.tilt, scale, rng))
    return tuple(stains)


SECTION = 0.35
"""Depth at which limbs are measured, as a share of the visible height of the shorter limb."""

Floats = NDArray[np.float64]


def frame_mask(
    covered: NDArray[np.bool_], left: int, top: int, size: tuple[int, int]
) -> tuple[Mask, float]:
    """A patch as a mask of the image, cut at its border, and the share of it that is inside."""
    height, width = size
    rows = slice(max(-top, 0), max(height - top, 0))
    columns = slice(max(-left, 0), max(width - left, 0))
    inside = covered[rows, columns]
    ys, xs = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if not len(ys):
        return Mask(np.zeros((0, 0), bool), 0, 0, size), 0.0
    tight = np.ascontiguousarray(inside[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1])
    mask = Mask(tight, max(left, 0) + int(xs[0]), max(top, 0) + int(ys[0]), size)
    return mask, float(tight.sum() / covered.sum())


def loop_landmarks(loop: Loop, size: tuple[int, int]) -> Floats:
    """(8, 3) landmarks in the order of `NAILFOLD_LANDMARKS`; visibility 0 outside the image.

    The walls are one radius to either side of the middle line, at right angles to it: the
    distance between them is the local diameter. `up` and `down` lie on the axis of the loop.
    Left and right are those of the image when the loop's apex is held on top, for the proximal
    ends too: where limbs cross, `left_bottom` belongs to the limb that was right at the apex.
    """
    across = np.array([-loop.axis[1], loop.axis[0]])
    apex, radius = loop.apex, loop.left.radii[0]
    limbs = [_walls(limb, section_row(loop, limb), across) for limb in (loop.left, loop.right)]
    limbs.sort(key=lambda walls: walls.mean(0) @ across)
    ends = sorted((loop.left.end, loop.right.end), key=lambda end: float(end @ across))
    points = np.vstack([apex + radius * loop.axis, apex - radius * loop.axis, *limbs, *ends])
    x, y = points.T
    inside = (x >= -0.5) & (y >= -0.5) & (x <= size[1] - 0.5) & (y <= size[0] - 0.5)
    landmarks = np.column_stack([points, np.where(inside, 2.0, 0.0)])
    landmarks[~inside] = 0
    return landmarks


def section_row(loop: Loop, limb: Strand) -> int:
    """The disc of a limb at which its diameter is measured."""
    height = min(one.depth_um[: one.visible].max() for one in (loop.left, loop.right))
    return int(np.argmax(limb.depth_um >= SECTION * height))


def _walls(limb: Strand, row: int, across: Floats) -> Floats:
    """(2, 2) both walls, the left one first."""
    tangent = limb.points[row + 1] - limb.points[row - 1]
    normal = np.array([-tangent[1], tangent[0]]) / np.linalg.norm(tangent)
    normal *= np.sign(normal @ across)
    return np.stack(
        [limb.points[row] - limb.radii[row] * normal, limb.points[row] + limb.radii[row] * normal]
    )


def loop_truth(loop: Loop, *, row: int, in_focus: bool) -> dict[str, Any]:
    """Diameters, shape and place of a loop, fit for JSON; lengths in µm, points in px."""
    scale = 2 * loop.um_per_px
    left, right = (limb.radii[section_row(loop, limb)] for limb in (loop.left, loop.right))
    crossing = loop.crossing()
    limbs = (loop.left.length_px() + loop.right.length_px()) / 2
    return {
        "shape": loop.plan.shape,
        "apical_diameter_um": float(scale * loop.left.radii[0]),
        "left_diameter_um": float(scale * left),
        "right_diameter_um": float(scale * right),
        "arterial_side": loop.plan.arterial_side,
        "length_um": float(limbs * loop.um_per_px),
        "crossing_point": None if crossing is None else crossing.tolist(),
        "aggregated": loop.plan.clump_um is not None,
        "row": row,
        "in_focus": in_focus,
    }


def instance(
    category: int, mask: Mask, landmarks: Floats | None, truth: dict[str, Any]
) -> Instance:
    """An annotation whose box is tight round its mask."""
    seen = landmarks is not None and bool((landmarks[:, 2] > 0).any())
    return Instance(
        box=mask.box(),
        category=category,
        mask=mask,
        landmarks=landmarks if seen else None,
        extra={"truth": truth},
    )
