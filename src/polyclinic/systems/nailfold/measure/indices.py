"""Published indices made of counts and diameters."""

from __future__ import annotations

from polyclinic.reading import Measurement
from polyclinic.reading.measurement import POSITIVE
from polyclinic.sample import SpacingOrigin

CSURI_SOURCE = "Sebastiani 2009; Arthritis Res Ther 2018, s13075-018-1733-6"


def csuri(
    giants: int,
    largest_giant_um: float | None,
    row_loops: int,
    scale_source: SpacingOrigin,
    left_out: tuple[str, ...] = (),
) -> Measurement:
    """Capillaroscopic skin ulcer risk index M D / N^2 (M giants, D in µm, N loops of the row).

    Not meaningful without giants, nor without a row: the value is then None with the reason.
    The published cut-offs 2.94 and 2.96 take D as a bare number of µm, so the index has no unit.

    Args:
        giants: M.
        largest_giant_um: D, the largest diameter of a giant loop; None when there is none.
        row_loops: N.
        scale_source: origin of the scale behind D.
        left_out: why some loops have no part in M and D.
    """
    reason = (
        "unknown-scale"
        if scale_source == "unknown"
        else "no-giant-loop"
        if not giants or largest_giant_um is None
        else "no-loop-in-distal-row"
        if not row_loops
        else None
    )
    value = None
    if reason is None and largest_giant_um is not None:
        value = giants * largest_giant_um / row_loops**2
    return Measurement(
        name="csuri",
        value=value,
        unit="1",
        formula="giants x largest giant diameter in um / (loops of the distal row)^2",
        source=CSURI_SOURCE,
        scale_source=scale_source,
        flags=tuple(dict.fromkeys((*(() if reason is None else (reason,)), *left_out))),
        domain=POSITIVE,
    )
