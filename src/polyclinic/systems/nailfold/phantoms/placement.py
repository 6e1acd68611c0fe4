"""Where loops lie: a distal row with avascular stretches, and a partial row behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.nailfold.phantoms.disease import ABNORMAL_SHAPES, Disease, Shape
from polyclinic.systems.nailfold.phantoms.loop import Loop, Pose
from polyclinic.systems.nailfold.phantoms.patient import NailfoldPhantomConfig, Patient, Side
from polyclinic.systems.nailfold.phantoms.plan import LoopPlan
from polyclinic.systems.nailfold.phantoms.shapes import draw_plan
from polyclinic.systems.nailfold.phantoms.trace import trace


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


def draw_row(config: NailfoldPhantomConfig, rng: np.random.Generator) -> Row:
    """Lay a row across the upper part of the image, turned about its middle."""
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


_DEFOCUS_UM = (8.0, 11.5)  # far above the blur of images in focus, so that `blur` is decidable
_SECOND_ROW_UM = (190.0, 240.0)
_SECOND_ROW_CONTRAST = 0.62
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
class Field:
    """What one looks at: a place of a patient's hand at a scale."""

    patient: Patient
    hand: Side
    row: Row
    config: NailfoldPhantomConfig

    @property
    def step_px(self) -> float:
        """Mean distance of neighbouring loops."""
        return 1000 / self.patient.density / self.config.um_per_px


def place_loops(field: Field, rng: np.random.Generator) -> list[PlacedLoop]:
    """Draw both rows; loops behind are left out where a vessel of the distal row hides their apex.

    The rows run beyond the image on both sides.
    """
    distal = _distal_row(field, rng)
    behind = _second_row(field, rng)
    return distal + [one for one in behind if not _hidden(one.loop, distal)]


def _distal_row(field: Field, rng: np.random.Generator) -> list[PlacedLoop]:
    patient, half_px, scale = field.patient, field.row.half_px, field.config.um_per_px
    gaps = _gaps(field, rng)
    loops: list[PlacedLoop] = []
    at, before = -half_px + rng.uniform(0, field.step_px), -np.inf
    while at < half_px:
        plan = draw_plan(_shape(patient.disease, rng), patient, field.hand, rng)
        half = plan.outer_width_um / 2 / scale
        at = max(at, before + half)
        if not any(start < at < stop for start, stop in gaps):
            loops.append(_placed(field, at, 0, plan, rng))
        before = at + half + 3 / scale
        at += field.step_px * float(np.clip(rng.normal(1, 0.17), 0.62, 1.6))
    return loops


def _second_row(field: Field, rng: np.random.Generator) -> list[PlacedLoop]:
    patient, step, half_px = field.patient, field.step_px, field.row.half_px
    loops = []
    for at in np.arange(-half_px + rng.uniform(0, step), half_px, step):
        if rng.random() < patient.disease.second_row:
            plan = draw_plan("hairpin", patient, field.hand, rng)
            plan = replace(plan, length_um=plan.length_um * rng.uniform(0.65, 0.85))
            loops.append(_placed(field, at + rng.normal(0, 0.15) * step, 1, plan, rng))
    return loops


def _placed(
    field: Field, along: float, number: int, plan: LoopPlan, rng: np.random.Generator
) -> PlacedLoop:
    """Pose a loop in row `number`; some hairpins are aggregated, some out of focus."""
    disease, scale = field.patient.disease, field.config.um_per_px
    behind = rng.normal(0, disease.raggedness_um) + number * rng.uniform(*_SECOND_ROW_UM)
    contrast = field.patient.contrast * rng.uniform(0.75, 1.15)
    contrast *= _SECOND_ROW_CONTRAST if number else 1
    fate, defocus = rng.random(), 0.0
    if plan.shape in _SPARED:
        fate = 0.5
    if fate < disease.sludge:
        plan = replace(plan, clump_um=rng.uniform(20, 30))
    elif fate > 1 - disease.defocus:
        defocus = rng.uniform(*_DEFOCUS_UM) / scale
        # A fainter loop would be lost altogether when out of focus.
        contrast = max(contrast, field.patient.contrast)
    pose = Pose(
        apex=field.row.at(along, behind / scale),
        tilt=field.row.tilt_at(along) + np.deg2rad(rng.normal(0, disease.tilt_degrees)),
        contrast=contrast,
        um_per_px=scale,
        visible_contrast=field.config.visible_contrast,
    )
    return PlacedLoop(loop=trace(plan, pose, rng), row=number, defocus_px=defocus)


def _hidden(loop: Loop, before: list[PlacedLoop]) -> bool:
    """Whether the apex lies under a vessel of the distal row."""
    margin = float(loop.left.radii[0])
    limbs = [limb for one in before for limb in (one.loop.left, one.loop.right)]
    return any(
        bool((np.linalg.norm(limb.points - loop.apex, axis=1) < limb.radii + margin).any())
        for limb in limbs
    )


def _shape(disease: Disease, rng: np.random.Generator) -> Shape:
    names = list(disease.shapes)
    chances = np.array([disease.shapes[name] for name in names])
    pick = int(np.searchsorted(chances.cumsum(), rng.random()))
    return names[pick] if pick < len(names) else "hairpin"


def _gaps(field: Field, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Avascular stretches along the row, in px."""
    disease, half_px, scale = field.patient.disease, field.row.half_px, field.config.um_per_px
    gaps = []
    for _ in range(rng.poisson(disease.gaps * 2 * half_px * scale / 1000)):
        start = rng.uniform(-half_px, half_px)
        gaps.append((start, start + rng.uniform(*disease.gap_um) / scale))
    return gaps
