"""What lies where in one field: rows of loops, avascular stretches, haemorrhages."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from polyclinic.phantoms.nailfold.config import NailfoldPhantomConfig
from polyclinic.phantoms.nailfold.disease import ABNORMAL_SHAPES, Disease, Shape
from polyclinic.phantoms.nailfold.haemorrhage import Stain, draw_haemorrhage
from polyclinic.phantoms.nailfold.loop import Loop
from polyclinic.phantoms.nailfold.patient import Patient, Side
from polyclinic.phantoms.nailfold.plan import LoopPlan
from polyclinic.phantoms.nailfold.shapes import draw_plan
from polyclinic.phantoms.nailfold.trace import Pose, trace

_DEFOCUS_UM = (8.0, 11.5)  # far above the blur of images in focus, so that `blur` is decidable
_SECOND_ROW_UM = (190.0, 240.0)
_SECOND_ROW_CONTRAST = 0.62
_DEFOCUS_CONTRAST = 1.0  # a fainter loop would be lost altogether when out of focus
# Sludge and defocus befall loops that are otherwise `normal`: their class stays beyond doubt.
_SPARED: frozenset[Shape] = ABNORMAL_SHAPES | {"crossing", "dilated"}


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedLoop:
    """A loop of the scene.

    Args:
        loop: its geometry.
        row: 0 distal, 1 behind it.
        defocus_px: standard deviation of its own blur; 0 in focus.
    """

    loop: Loop
    row: int
    defocus_px: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Scene:
    """All that is annotated in one field.

    Args:
        row: where the distal row runs.
        loops: capillaries of both rows.
        stains: haemorrhages.
    """

    row: Row
    loops: tuple[PlacedLoop, ...]
    stains: tuple[Stain, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Row:
    """The gently curved line on which the apices of the distal row lie.

    Args:
        middle: (2,) its middle in px.
        tilt: radians, clockwise in the image.
        curvature: fall towards both sides, in px per px squared.
        half_px: reach to either side that covers the image.
    """

    middle: NDArray[np.float64]
    tilt: float
    curvature: float
    half_px: float

    def at(self, along: float, behind: float = 0.0) -> NDArray[np.float64]:
        """(x, y) at a way along the row, moved away from the finger tip."""
        down = self.curvature * along**2 + behind
        cosine, sine = np.cos(self.tilt), np.sin(self.tilt)
        return self.middle + np.array([cosine * along - sine * down, sine * along + cosine * down])

    def tilt_at(self, along: float) -> float:
        """Direction of the finger tip at a place of the row."""
        return self.tilt + float(np.arctan(2 * self.curvature * along)) * 0.6


def draw_scene(
    patient: Patient, hand: Side, config: NailfoldPhantomConfig, rng: np.random.Generator
) -> Scene:
    """Lay out one field of a patient's hand."""
    row = _row(config, rng)
    loops = _distal_row(row, patient, hand, config, rng)
    behind = _second_row(row, patient, hand, config, rng)
    loops += [one for one in behind if not _hidden(one.loop, loops)]
    return Scene(
        row=row,
        loops=tuple(loops),
        stains=_stains(row, patient.disease, loops, config, rng),
    )


def _row(config: NailfoldPhantomConfig, rng: np.random.Generator) -> Row:
    height, width = config.size
    tilt = np.deg2rad(rng.uniform(-1, 1) * config.tilt_degrees)
    off = np.array([0, rng.uniform(0.27, 0.40) * height - height / 2])
    turned = np.array([-np.sin(tilt) * off[1], np.cos(tilt) * off[1]])
    return Row(
        middle=np.array([width - 1, height - 1]) / 2 + turned,
        tilt=float(tilt),
        curvature=float(rng.uniform(-0.1, 0.4) * height / width**2),
        half_px=0.5 * float(np.hypot(height, width)),
    )


def _distal_row(
    row: Row,
    patient: Patient,
    hand: Side,
    config: NailfoldPhantomConfig,
    rng: np.random.Generator,
) -> list[PlacedLoop]:
    disease = patient.disease
    gaps = _gaps(row, disease, config, rng)
    step = 1000 / patient.density / config.um_per_px
    loops: list[PlacedLoop] = []
    at, before = -row.half_px + rng.uniform(0, step), -np.inf
    while at < row.half_px:
        plan = draw_plan(_shape(disease, rng), patient, hand, rng)
        half = plan.outer_width_um / 2 / config.um_per_px
        at = max(at, before + half)
        if not any(start < at < stop for start, stop in gaps):
            loops.append(_placed(row, at, 0, plan, patient, config, rng))
        before = at + half + 3 / config.um_per_px
        at += step * float(np.clip(rng.normal(1, 0.17), 0.62, 1.6))
    return loops


def _second_row(
    row: Row,
    patient: Patient,
    hand: Side,
    config: NailfoldPhantomConfig,
    rng: np.random.Generator,
) -> list[PlacedLoop]:
    step = 1000 / patient.density / config.um_per_px
    loops = []
    for at in np.arange(-row.half_px + rng.uniform(0, step), row.half_px, step):
        if rng.random() < patient.disease.second_row:
            plan = draw_plan("hairpin", patient, hand, rng)
            plan = replace(plan, length_um=plan.length_um * rng.uniform(0.65, 0.85))
            place = at + rng.normal(0, 0.15) * step
            loops.append(_placed(row, place, 1, plan, patient, config, rng))
    return loops


def _hidden(loop: Loop, before: list[PlacedLoop]) -> bool:
    """Whether the apex lies under a vessel of the distal row."""
    margin = float(loop.left.radii[0])
    limbs = [limb for one in before for limb in (one.loop.left, one.loop.right)]
    return any(
        bool((np.linalg.norm(limb.points - loop.apex, axis=1) < limb.radii + margin).any())
        for limb in limbs
    )


def _placed(
    row: Row,
    along: float,
    number: int,
    plan: LoopPlan,
    patient: Patient,
    config: NailfoldPhantomConfig,
    rng: np.random.Generator,
) -> PlacedLoop:
    disease = patient.disease
    behind = rng.normal(0, disease.raggedness_um) + number * rng.uniform(*_SECOND_ROW_UM)
    contrast = patient.contrast * rng.uniform(0.75, 1.15) * (_SECOND_ROW_CONTRAST if number else 1)
    fate, defocus = rng.random(), 0.0
    if plan.shape in _SPARED:
        fate = 0.5
    if fate < disease.sludge:
        plan = replace(plan, clumps=rng.uniform(20, 30))
    elif fate > 1 - disease.defocus:
        defocus = rng.uniform(*_DEFOCUS_UM) / config.um_per_px
        contrast = max(contrast, _DEFOCUS_CONTRAST * patient.contrast)
    pose = Pose(
        apex=row.at(along, behind / config.um_per_px),
        tilt=row.tilt_at(along) + np.deg2rad(rng.normal(0, disease.tilt_degrees)),
        contrast=contrast,
        um_per_px=config.um_per_px,
        visible_contrast=config.visible_contrast,
    )
    return PlacedLoop(loop=trace(plan, pose, rng), row=number, defocus_px=defocus)


def _inside(point: NDArray[np.float64], config: NailfoldPhantomConfig) -> bool:
    height, width = config.size
    return bool(0 <= point[0] < width and 0 <= point[1] < height)


def _shape(disease: Disease, rng: np.random.Generator) -> Shape:
    names = list(disease.shapes)
    chances = np.array([disease.shapes[name] for name in names])
    pick = int(np.searchsorted(chances.cumsum(), rng.random()))
    return names[pick] if pick < len(names) else "hairpin"


def _gaps(
    row: Row, disease: Disease, config: NailfoldPhantomConfig, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Avascular stretches along the row, in px."""
    field_mm = 2 * row.half_px * config.um_per_px / 1000
    gaps = []
    for _ in range(rng.poisson(disease.gaps * field_mm)):
        start = rng.uniform(-row.half_px, row.half_px)
        gaps.append((start, start + rng.uniform(*disease.gap_um) / config.um_per_px))
    return gaps


def _stains(
    row: Row,
    disease: Disease,
    loops: list[PlacedLoop],
    config: NailfoldPhantomConfig,
    rng: np.random.Generator,
) -> tuple[Stain, ...]:
    """Haemorrhages distal to the apices, most of them straight above a loop."""
    field_mm = config.size[1] * config.um_per_px / 1000
    distal = [one.loop for one in loops if one.row == 0 and _inside(one.loop.apex, config)]
    stains = []
    for _ in range(rng.poisson(disease.haemorrhages * field_mm)):
        above = rng.uniform(45, 120) / config.um_per_px
        if distal and rng.random() < 0.8:
            loop = distal[rng.integers(len(distal))]
            centre = loop.apex + above * loop.axis
        else:
            centre = row.at(rng.uniform(-1, 1) * config.size[1] / 2, -above)
        stains.append(draw_haemorrhage(centre, row.tilt, config.um_per_px, rng))
    return tuple(stains)
