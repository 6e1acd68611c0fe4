"""One film: everything that rays pass, then the exposure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.knee.phantoms.bone import (
    FEMUR,
    FIBULA,
    METAL,
    PATELLA,
    TIBIA,
    Plate,
    Tissue,
    bone,
    components,
    resected,
)
from polyclinic.systems.knee.phantoms.clutter import add_clutter, add_markers
from polyclinic.systems.knee.phantoms.detail import add_details
from polyclinic.systems.knee.phantoms.exposure import draw_detector, expose
from polyclinic.systems.knee.phantoms.layout import Layout, Placed
from polyclinic.systems.knee.phantoms.outline import (
    femur_outline,
    fibula_outline,
    patella_outline,
    tibia_outline,
)
from polyclinic.systems.knee.phantoms.paint import Plane, add, fill
from polyclinic.systems.knee.phantoms.patient import SIDES, Knee, Patient
from polyclinic.systems.knee.phantoms.soft import soft_tissue

Points = NDArray[np.float64]


def draw_film(patient: Patient, layout: Layout, rng: np.random.Generator) -> Plane:
    """(H, W) grey of a film of a patient, 0 to 1, dense parts bright."""
    film = soft_tissue(patient, layout, rng)
    for leg in layout.legs:
        _add_knee(film, patient.knees[SIDES.index(leg.side)], leg, layout, rng)
    add_clutter(film, layout, rng)
    add_markers(film, layout, rng)
    return expose(film, layout, draw_detector(rng), rng)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Part:
    outline: Points
    tissue: Tissue
    surface: Points | None = None
    dense: float = 0.0
    sclerosis: float = 0.0


def _add_knee(
    film: Plane, knee: Knee, leg: Placed, layout: Layout, rng: np.random.Generator
) -> None:
    shape = resected(knee.shape) if knee.implant else knee.shape
    sclerosis = 0.0 if knee.implant else knee.disease.sclerosis
    parts = (
        _Part(
            outline=femur_outline(shape, knee.valgus),
            tissue=FEMUR,
            surface=shape.femur,
            dense=0.08,
            sclerosis=0.5 * sclerosis,
        ),
        _Part(
            outline=tibia_outline(shape),
            tissue=TIBIA,
            surface=shape.tibia,
            dense=0.26,
            sclerosis=sclerosis,
        ),
        _Part(outline=fibula_outline(shape, knee.fibula_mm), tissue=FIBULA),
        _Part(outline=patella_outline(shape, knee.patella_mm), tissue=PATELLA),
    )
    for part in parts:
        _add_bone(film, part, knee, leg, layout, rng)
    if not knee.implant:
        add_details(film, knee, leg, layout, rng)
        return
    for metal in components(shape):
        patch = fill(leg.to_film.points(metal), layout.size)
        if patch is not None:
            add(film, patch.left, patch.top, patch.coverage * np.float32(METAL))


def _add_bone(
    film: Plane, part: _Part, knee: Knee, leg: Placed, layout: Layout, rng: np.random.Generator
) -> None:
    patch = fill(leg.to_film.points(part.outline), layout.size)
    if patch is None:
        return
    plate = None
    if part.surface is not None:
        surface = leg.to_film.points(part.surface)
        worn = -2 if knee.disease.worn == "medial" else 1
        plate = Plate(
            rows=(float(surface[:, 1].min()), float(surface[:, 1].max())),
            dense=part.dense,
            sclerosis=part.sclerosis,
            column=float(surface[worn, 0]),
            half_width_mm=14.0 * knee.shape.size,
        )
    painted = bone(
        patch,
        part.tissue,
        joint_row=float(leg.centre[1]),
        spacing_mm=layout.spacing_mm,
        density=knee.density,
        plate=plate,
        rng=rng,
    )
    add(film, patch.left, patch.top, painted)
