"""How a disease state shifts what is seen in the nailfold.

The patterns follow Cutolo's early, active and late scleroderma patterns as told in Hindawi
2015/974530, table 8: early, few giants and haemorrhages, loops kept; active, frequent giants and
haemorrhages, moderate loss; late, irregular enlargement, few giants and haemorrhages, severe loss
with avascular areas, ramified loops. They are words there; the numbers are this package's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from polyclinic.errors import ConfigError, nearest

State = Literal["normal", "early", "active", "late"]
STATES: tuple[State, ...] = get_args(State)

Shape = Literal["hairpin", "tortuous", "crossing", "dilated", "giant", "irregular", "ramified"]
ABNORMAL_SHAPES: frozenset[Shape] = frozenset({"giant", "irregular", "ramified"})


@dataclass(frozen=True, kw_only=True)
class Disease:
    """Distributions of one state.

    Args:
        density: loops per mm of the distal row, mean over patients; 7 to 12 is normal.
        shapes: how often each shape is drawn; the rest are hairpins.
        haemorrhages: mean number in a field of one mm.
        gaps: mean number of avascular stretches in a field of one mm.
        gap_um: range of their length.
        tilt_degrees: spread of the loops' axes.
        raggedness_um: spread of the apices off their row.
        second_row: chance that a place of the second row is taken.
        sludge: chance that the blood column of a hairpin is aggregated.
        defocus: chance that a loop lies out of focus.
        plexus: strength of the subpapillary plexus.
    """

    density: float
    shapes: Mapping[Shape, float]
    haemorrhages: float
    gaps: float
    gap_um: tuple[float, float] = (250.0, 450.0)
    tilt_degrees: float
    raggedness_um: float
    second_row: float
    sludge: float
    defocus: float
    plexus: float


DISEASES: Mapping[State, Disease] = {
    "normal": Disease(
        density=8.7,
        shapes={"tortuous": 0.10, "crossing": 0.07, "dilated": 0.01},
        haemorrhages=0.03,
        gaps=0.0,
        tilt_degrees=4.0,
        raggedness_um=12.0,
        second_row=0.36,
        sludge=0.115,
        defocus=0.14,
        plexus=0.8,
    ),
    "early": Disease(
        density=8.0,
        shapes={"tortuous": 0.12, "crossing": 0.07, "dilated": 0.14, "giant": 0.08},
        haemorrhages=0.9,
        gaps=0.0,
        tilt_degrees=6.0,
        raggedness_um=16.0,
        second_row=0.34,
        sludge=0.115,
        defocus=0.14,
        plexus=0.7,
    ),
    "active": Disease(
        density=6.2,
        shapes={
            "tortuous": 0.12,
            "crossing": 0.05,
            "dilated": 0.14,
            "giant": 0.28,
            "irregular": 0.05,
            "ramified": 0.02,
        },
        haemorrhages=2.5,
        gaps=0.25,
        tilt_degrees=11.0,
        raggedness_um=25.0,
        second_row=0.18,
        sludge=0.115,
        defocus=0.14,
        plexus=0.45,
    ),
    "late": Disease(
        density=5.0,
        shapes={
            "tortuous": 0.13,
            "crossing": 0.05,
            "dilated": 0.06,
            "giant": 0.03,
            "irregular": 0.13,
            "ramified": 0.26,
        },
        haemorrhages=0.5,
        gaps=0.9,
        gap_um=(350.0, 700.0),
        tilt_degrees=22.0,
        raggedness_um=45.0,
        second_row=0.1,
        sludge=0.115,
        defocus=0.14,
        plexus=0.3,
    ),
}


def disease_of(state: str) -> Disease:
    """The distributions of a state.

    Raises:
        ConfigError: there is no such state.
    """
    if state not in STATES:
        raise ConfigError(f"no state is named {state!r}", hint=nearest(state, STATES))
    return DISEASES[state]
