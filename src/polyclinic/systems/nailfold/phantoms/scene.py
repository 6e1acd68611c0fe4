"""All that is annotated in one field."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from polyclinic.systems.nailfold.phantoms.config import NailfoldPhantomConfig
from polyclinic.systems.nailfold.phantoms.haemorrhage import Stain, draw_haemorrhage
from polyclinic.systems.nailfold.phantoms.loop import Loop
from polyclinic.systems.nailfold.phantoms.patient import Patient, Side
from polyclinic.systems.nailfold.phantoms.placement import Field, PlacedLoop, place_loops
from polyclinic.systems.nailfold.phantoms.row import Row, draw_row

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
