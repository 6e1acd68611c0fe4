"""Tibial width and joint spaces of the knees of one film."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from polyclinic.measure.distances import LANDMARK_MISSING, NOT_FOUND
from polyclinic.measure.length import UNKNOWN_SCALE
from polyclinic.measure.measurer import Measurer
from polyclinic.reading import REFUSED, Measurement, Reading, Unit
from polyclinic.reading.measurement import ANY, NOT_NEGATIVE, POSITIVE
from polyclinic.sample import Instance, Spacing
from polyclinic.schema.knee import IMPLANT, KNEE, KNEE_CLASSES, KNEE_LANDMARKS
from polyclinic.systems.knee.measure.joint_space import (
    COMPARTMENTS,
    MEDIAL,
    Compartment,
    Points,
    Width,
    least_space,
    space_at,
    tibial_width,
)

NO_LATERAL_SPACE = "no-lateral-space"
PLACES_SOURCE = "positions of Neumann et al., Osteoarthritis Cartilage 17:761, 2009; axis is ours"

WIDTH = "tibial_width"
RATIO = "joint_space_ratio"


class KneeMeasurer(Measurer):
    """Tibial widths and joint spaces, see `measure_knees`."""

    def measure(self, reading: Reading) -> tuple[Measurement, ...]:
        """Widths and spaces of each knee, differences between the sides.

        Nothing where knees have other landmarks, such as their centres alone.
        """
        schema = reading.landmark_schema
        if schema is None or not set(KNEE_LANDMARKS.names) <= set(schema.names):
            return ()
        return measure_knees(reading)


def measure_knees(reading: Reading) -> tuple[Measurement, ...]:
    """Measure every found knee, then compare the two of a film.

    Per knee: tibial width; least joint space of the medial and the lateral compartment; joint
    space at fixed positions, whose names give the percentage of the tibial width from the
    medial edge; ratio of the least spaces, medial / lateral. Where both knees were found, right
    minus left of the medial least space and of the tibial width; none where a knee is refused.
    `joint_space` says where each is measured.

    Lengths are in mm where the scale is known, else in px and flagged; rows and columns may
    have different scales. A scale of origin `detector` gives lengths at the detector: they are
    larger than in the body, and nothing is corrected. Knees with an implant and landmarks that
    were not seen have the reason instead of a value; bones that overlap have a space of 0 and
    `bone-overlap`. Spaces are those between `Instance.outlines` where both of a compartment are
    known, as `bone_edges` finds them in the image; else between curves through the landmarks,
    which is flagged `from-landmarks`. A film on which nothing was found has the knee's rows once,
    with the reason.

    Args:
        reading: without instances (None) or landmarks nothing is measured.

    Raises:
        DataError: the schema lacks a landmark of the knee.
    """
    if reading.instances is None or reading.landmark_schema is None:
        return ()
    order = [reading.landmark_schema.index(name) for name in KNEE_LANDMARKS.names]
    spacing = reading.spacing
    if not reading.instances:
        return _rows(_without(NOT_FOUND), spacing, None)
    knees = [_knee(one, order, spacing) for one in reading.instances]
    rows = [m for row, widths in enumerate(knees) for m in _rows(widths, spacing, row)]
    names = [reading.class_name(one) for one in reading.instances]
    if set(KNEE_CLASSES) <= set(names):
        right, left = (
            _without(REFUSED) if reading.instances[row].refused else knees[row]
            for row in map(names.index, KNEE_CLASSES)
        )
        rows += _rows(_asymmetry(right, left), spacing, None)
    return tuple(rows)


def _knee(instance: Instance, order: list[int], spacing: Spacing) -> dict[str, Width]:
    if instance.labels.get(KNEE) == IMPLANT:
        return _without(IMPLANT)
    if instance.landmarks is None:
        return _without(LANDMARK_MISSING)
    scale = (spacing.column_mm, spacing.row_mm) if spacing.known else (1.0, 1.0)
    outlines = {name: line * scale for name, line in instance.outlines.items()}
    return _widths(knee_points(instance, order) * scale, outlines)


def knee_points(instance: Instance, order: list[int]) -> Points:
    """(16, 2) landmarks in the order of `KNEE_LANDMARKS`, pixels; NaN where missing.

    Args:
        instance: with landmarks.
        order: their rows.
    """
    assert instance.landmarks is not None
    landmarks = np.asarray(instance.landmarks[order], float)
    return np.where(landmarks[:, 2:] > 0, landmarks[:, :2], np.nan)


def _widths(points: Points, outlines: Mapping[str, Points]) -> dict[str, Width]:
    least = {_least(one): least_space(points, one, outlines) for one in COMPARTMENTS}
    fixed = {
        _at(one, place): space_at(points, one, place, outlines)
        for one in COMPARTMENTS
        for place in one.places
    }
    return {WIDTH: tibial_width(points), **least, **fixed, RATIO: _ratio(*least.values())}


def _ratio(medial: Width, lateral: Width) -> Width:
    flags = tuple(dict.fromkeys((*medial.flags, *lateral.flags)))
    if medial.value is None or lateral.value is None:
        return Width(value=None, flags=flags)
    if lateral.value == 0:
        return Width(value=None, flags=(NO_LATERAL_SPACE, *flags))
    return Width(value=medial.value / lateral.value, flags=flags)


def _asymmetry(right: Mapping[str, Width], left: Mapping[str, Width]) -> dict[str, Width]:
    return {
        name: _difference(right[of], left[of])
        for name, of in (
            ("joint_space_asymmetry", _least(MEDIAL)),
            ("tibial_width_asymmetry", WIDTH),
        )
    }


def _difference(right: Width, left: Width) -> Width:
    flags = tuple(dict.fromkeys((*right.flags, *left.flags)))
    if right.value is None or left.value is None:
        return Width(value=None, flags=flags)
    return Width(value=right.value - left.value, flags=flags)


def _least(compartment: Compartment) -> str:
    return f"{compartment.name}_joint_space_min"


def _at(compartment: Compartment, place: float) -> str:
    return f"{compartment.name}_joint_space_at_{100 * place:.0f}"


def _formulas() -> dict[str, str]:
    formulas = {WIDTH: "straight line from tibia_0 to tibia_8"}
    for one in COMPARTMENTS:
        low, high = (f"{100 * share:g}" for share in one.span)
        formulas[_least(one)] = (
            f"least distance of the outlines of femur and tibia, {low} to {high} % of the tibial "
            "width from the medial edge"
        )
    for one in COMPARTMENTS:
        for place in one.places:
            formulas[_at(one, place)] = (
                "distance of the outlines of femur and tibia across the tibial axis at "
                f"{100 * place:g} % of the tibial width from the medial edge"
            )
    return {**formulas, RATIO: " / ".join(_least(one) for one in COMPARTMENTS)}


KNEE_FORMULAS = _formulas()
"""Every quantity of one knee and how it is made."""

FILM_FORMULAS = {
    "joint_space_asymmetry": f"{_least(MEDIAL)}, right minus left",
    "tibial_width_asymmetry": f"{WIDTH}, right minus left",
}


_DOMAINS = {WIDTH: POSITIVE, **dict.fromkeys(FILM_FORMULAS, ANY)}
"""Of what is no space between bones: those may touch."""


def _without(reason: str) -> dict[str, Width]:
    return {name: Width(value=None, flags=(reason,)) for name in KNEE_FORMULAS}


def _rows(
    widths: Mapping[str, Width], spacing: Spacing, row: int | None
) -> tuple[Measurement, ...]:
    length: Unit = "mm" if spacing.known else "px"
    return tuple(
        Measurement(
            name=name,
            value=one.value,
            unit="1" if name == RATIO else length,
            formula=(KNEE_FORMULAS | FILM_FORMULAS)[name],
            source=PLACES_SOURCE if "_at_" in name else "",
            scale_source=spacing.origin,
            instance=row,
            flags=one.flags if spacing.known or name == RATIO else (*one.flags, UNKNOWN_SCALE),
            domain=_DOMAINS.get(name, NOT_NEGATIVE),
        )
        for name, one in widths.items()
    )
