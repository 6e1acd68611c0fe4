"""From the measures of a loop to its middle lines and widths in the image, with their chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.nailfold.phantoms.loop import Loop, Pose, Strand
from polyclinic.systems.nailfold.phantoms.paint import visible_blood_um
from polyclinic.systems.nailfold.phantoms.plan import Branch, LoopPlan, Wave

Floats = NDArray[np.float64]

_SHAKE_UM = 0.35  # spread of the diameter


def shake(rng: np.random.Generator, arc: Floats) -> Floats:
    """Unevenness of the diameter along a limb, in µm."""
    knots = np.arange(0, arc[-1] + 30, 30)
    values = rng.normal(0, _SHAKE_UM, len(knots))
    values[0] = 0  # both limbs share the disc at the apex
    return np.interp(arc, knots, values)


def redness(rng: np.random.Generator, arc: Floats) -> Floats:
    """Share of red cells along a limb, about 1."""
    knots = np.arange(0, arc[-1] + 14, 14)
    return np.interp(arc, knots, rng.normal(1, 0.08, len(knots)))


def clumps(plan: LoopPlan, rng: np.random.Generator) -> Floats:
    """(2, N) arc length from the apex, left negative, and the blood there as a factor."""
    if plan.clump_um is None:
        return np.array([[0.0], [1.0]])
    reach = plan.length_um * 2
    arcs, values, at = [], [], -reach
    while at < reach:
        dense, thin = plan.clump_um * rng.uniform(0.5, 1.7), plan.clump_um * rng.uniform(0.4, 0.75)
        arcs += [at, at + 4, at + dense - 4, at + dense, at + dense + thin - 0.1]
        strong = rng.uniform(1.7, 2.6)
        values += [0.18, strong, strong * rng.uniform(0.7, 1), 0.18, 0.18]
        at += dense + thin
    return np.array([arcs, values])


_OVERRUN = 1.5  # limbs are drawn this much beyond the depth at which they fade
_FADE = 0.13  # softness of the fading as a share of the loop's length
_BEND_POINTS = 48
_CROSSING_UM = 24.0  # half of the depth over which crossing limbs change sides


def trace(plan: LoopPlan, pose: Pose, rng: np.random.Generator) -> Loop:
    """Lay a loop out in the image."""
    column = clumps(plan, rng)
    left = _limb(plan, pose, -1, column, rng)
    right = _limb(plan, pose, 1, column, rng)
    branches = tuple(_branch(b, left if b.arc_um < 0 else right, pose) for b in plan.branches)
    return Loop(
        plan=plan,
        left=left,
        right=right,
        branches=branches,
        axis=pose.axis,
        um_per_px=pose.um_per_px,
    )


def _limb(
    plan: LoopPlan, pose: Pose, side: int, column: Floats, rng: np.random.Generator
) -> Strand:
    local, arc = _even(_middle_line(plan, side), _step_um(plan, pose))
    diameter = _diameter(plan, side, arc) + shake(rng, arc)
    depth = local[:, 1]
    seen = pose.contrast / (1 + np.exp((depth - plan.length_um) / (_FADE * plan.length_um) + 1))
    shown = seen * diameter >= visible_blood_um(pose.visible_contrast)
    visible = max(int(np.argmin(shown)) if not shown.all() else len(shown), 2)
    strength = seen * np.interp(side * arc, *column) * redness(rng, arc)
    return Strand(
        points=pose.place(local),
        radii=diameter / 2 / pose.um_per_px,
        strength=strength,
        visible=visible,
        depth_um=depth,
    )


def _middle_line(plan: LoopPlan, side: int) -> Floats:
    """(N, 2) sideways and depth of a limb in µm, from the apex: a half ellipse, then a limb."""
    turn = np.linspace(0, np.pi / 2, _BEND_POINTS)
    bend = plan.bend_um * (1 - np.cos(turn))
    rest = np.arange(plan.bend_um + 1.5, plan.length_um * _OVERRUN, 1.5)
    depth = np.concatenate([bend, rest])
    half = plan.half_gap_um * np.concatenate([np.sin(turn), np.ones(len(rest))])
    half = np.maximum(half + plan.spread * np.maximum(depth - plan.bend_um, 0), 0)
    if plan.crossing_um is not None:
        half = half * np.tanh((plan.crossing_um - depth) / _CROSSING_UM)
    waves = plan.left_waves if side < 0 else plan.right_waves
    sideways = plan.lean_um * (depth / 200) ** 2 + _undulation(depth, waves)
    return np.column_stack([sideways + side * half, depth])


def _undulation(depth: Floats, waves: tuple[Wave, ...]) -> Floats:
    """Sideways shift; it and its slope are 0 at the apex, so that limbs join there."""
    ramp = np.clip(depth / 60, 0, 1) ** 2
    total = np.zeros_like(depth)
    for wave in waves:
        angle = 2 * np.pi * depth / wave.wavelength_um + wave.phase
        total += wave.amplitude_um * np.sin(angle)
    return total * ramp


def _step_um(plan: LoopPlan, pose: Pose) -> float:
    """Spacing of the discs at which the wall between two of them dents by 0.03 px."""
    radius = min(plan.left_um, plan.right_um) / 2 / pose.um_per_px
    return float(np.sqrt(8 * radius * 0.03)) * pose.um_per_px


def _even(line: Floats, step: float) -> tuple[Floats, Floats]:
    """Points at even arc length along a line, and that arc length."""
    arc = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    even = np.arange(0, arc[-1], step)
    return np.column_stack([np.interp(even, arc, column) for column in line.T]), even


def _diameter(plan: LoopPlan, side: int, arc: Floats) -> Floats:
    """From the apical diameter to the limb's within the bend, plus bulges, in µm."""
    share = np.clip(arc / (2.2 * plan.half_gap_um), 0, 1)
    share = share * share * (3 - 2 * share)
    limb = plan.left_um if side < 0 else plan.right_um
    total = plan.apical_um + (limb - plan.apical_um) * share
    for bulge in plan.bulges:
        total = total + bulge.gain_um * np.exp(
            -(((side * arc - bulge.arc_um) / bulge.width_um) ** 2)
        )
    return total


def _branch(branch: Branch, limb: Strand, pose: Pose) -> Strand:
    radius = branch.diameter_um / 2 / pose.um_per_px
    step = float(np.sqrt(8 * radius * 0.03))
    walked = np.linalg.norm(np.diff(limb.points, axis=0), axis=1).cumsum()
    root = int(np.searchsorted(walked, abs(branch.arc_um) / pose.um_per_px))
    root = min(root, limb.visible - 1)
    way = np.arange(0, branch.length_um / pose.um_per_px, step)
    way_um = way * pose.um_per_px
    angle = branch.heading - pose.tilt + branch.curl * way_um + 0.4 * np.sin(way_um / 11)
    moves = step * np.column_stack([np.cos(angle), -np.sin(angle)])
    points = limb.points[root] + np.concatenate([np.zeros((1, 2)), moves.cumsum(0)[:-1]])
    taper = 1 - 0.35 * (way / way[-1]) ** 2
    return Strand(
        points=points,
        radii=radius * taper,
        strength=limb.strength[root] * (1 - 0.35 * (way / way[-1]) ** 2),
        visible=len(points),
        depth_um=np.full(len(points), limb.depth_um[root]),
    )
