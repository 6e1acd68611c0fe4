"""The measurements of one loop."""

from __future__ import annotations

from polyclinic.measure.length import UNKNOWN_SCALE, Trace, length, length_unit
from polyclinic.reading import Domain, Measurement, Unit
from polyclinic.reading.measurement import FROM_ONE
from polyclinic.sample import Spacing
from polyclinic.systems.nailfold.measure.limits import CapillaryLimits
from polyclinic.systems.nailfold.measure.loop import Loop
from polyclinic.systems.nailfold.measure.loop_diameters import (
    LIMB_RULE,
    LoopDiameters,
    limbs_by_width,
)
from polyclinic.systems.nailfold.measure.loop_shape import loop_length, tortuosity

DISAGREE = "mask-landmark-disagreement"
PIXELS = Spacing.unknown()


def loop_measurements(loop: Loop, spacing: Spacing, limits: CapillaryLimits) -> list[Measurement]:
    """Diameters from landmarks and from the mask, length and tortuosity of one loop.

    Lengths are in µm where the scale is known, else in px and flagged. Names that start with
    `mask_` or `landmark_` come from that alone; the plain diameters are from landmarks, the
    plain length and tortuosity from the mask.
    """
    rows: list[Measurement] = []
    mask = loop.mask
    pairs = (loop.diameters, None if mask is None else mask.diameters)
    differing = _differing(*pairs, limits)
    how = ("between wall landmarks", "twice the distance from the mask's middle line to its edge")
    for prefix, lines, formula in zip(("", "mask_"), pairs, how, strict=True):
        if lines is None:
            continue
        arterial, venous = limbs_by_width(lines.left, lines.right, spacing)
        for name, trace in (("apical", lines.apical), ("arterial", arterial), ("venous", venous)):
            side = "apical" if name == "apical" else "left" if trace is lines.left else "right"
            rule = formula if name == "apical" else f"{formula}; {LIMB_RULE}"
            value = trace.reason if trace.points is None else length(trace.points, spacing)
            flags = (DISAGREE,) if side in differing and trace.points is not None else ()
            name = f"{prefix}{name}_diameter"
            rows.append(_row(loop, name, value or "", length_unit(spacing), spacing, rule, flags))
    for name, limbs in (
        ("loop_length", None if mask is None else (mask.left, mask.right)),
        ("landmark_loop_length", loop.landmark_limbs),
    ):
        if limbs is not None:
            rule = "mean of both limbs, apex to proximal end along the middle line"
            value = loop_length(*limbs, spacing)
            rows.append(_row(loop, name, value, length_unit(spacing), spacing, rule))
    if mask is not None:
        rule = "mean of both limbs, arc / chord without the apical bend"
        value = tortuosity(mask.left, mask.right, spacing)
        rows.append(_row(loop, "tortuosity", value, "1", spacing, rule, domain=FROM_ONE))
    return rows


def _differing(
    landmark: LoopDiameters | None, mask: LoopDiameters | None, limits: CapillaryLimits
) -> set[str]:
    """Sides at which the two ways of measuring lie further apart than the limits allow."""
    if landmark is None or mask is None:
        return set()
    sides = {
        "apical": (landmark.apical, mask.apical),
        "left": (landmark.left, mask.left),
        "right": (landmark.right, mask.right),
    }
    return {side for side, pair in sides.items() if _differ(*pair, limits)}


def _differ(first: Trace, second: Trace, limits: CapillaryLimits) -> bool:
    if first.points is None or second.points is None:
        return False
    one, other = length(first.points, PIXELS), length(second.points, PIXELS)
    allowed = max(limits.disagreement_px, limits.disagreement_share * (one + other) / 2)
    return abs(one - other) > allowed


def _row(
    loop: Loop,
    name: str,
    value: float | str,
    unit: Unit,
    spacing: Spacing,
    formula: str,
    flags: tuple[str, ...] = (),
    domain: Domain | None = None,
) -> Measurement:
    """A value, or a row without one when `value` is the reason."""
    missing = (value,) if isinstance(value, str) else ()
    unscaled = (UNKNOWN_SCALE,) if unit == "px" else ()
    return Measurement(
        name=name,
        value=None if isinstance(value, str) else value,
        unit=unit,
        formula=formula,
        source="NFCMTL, cap_params_evaluator.py" if name.endswith("diameter") else "",
        scale_source=spacing.origin,
        instance=loop.row,
        flags=(*missing, *flags, *unscaled),
        domain=domain,
    )
