"""What each disease deposits where, and which stains show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

Pattern = Literal["mesangial", "granular", "linear", "mixed"]
PATTERNS: tuple[Pattern, ...] = get_args(Pattern)

Stain = Literal["IgG", "IgA", "C3"]
STAINS: tuple[Stain, ...] = get_args(Stain)


@dataclass(frozen=True, kw_only=True)
class Disease:
    """A diagnosis.

    Args:
        label: as in the table.
        pattern: where the deposits lie.
        strength: brightness of the deposits in each stain, 0 to 1.
    """

    label: str
    pattern: Pattern
    strength: Mapping[Stain, float]


def _disease(label: str, pattern: Pattern, *strength: float) -> Disease:
    shown = MappingProxyType(dict(zip(STAINS, strength, strict=True)))
    return Disease(label=label, pattern=pattern, strength=shown)


DISEASES: tuple[Disease, ...] = (
    _disease("iga", "mesangial", 0.35, 1.0, 0.6),
    _disease("membranous", "granular", 1.0, 0.0, 0.6),
    _disease("anti_gbm", "linear", 1.0, 0.0, 0.35),
    _disease("lupus", "mixed", 0.85, 0.6, 0.7),
)
"""IgG, IgA and C3: strong, moderate, weak or none."""
