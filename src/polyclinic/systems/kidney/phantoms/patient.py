"""Diseases, patients and their slides: what is deposited where, and which stain shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np

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


@dataclass(frozen=True, kw_only=True)
class Patient:
    """A person with one disease.

    Args:
        disease: the diagnosis.
        activity: how much of it there is, 0.6 to 1.
        slide: how the sections were made and lit.
    """

    disease: Disease
    activity: float
    slide: Slide

    def amplitude(self, stain: Stain, rng: np.random.Generator) -> float:
        """Brightness of the deposits in a field; sections take up more or less of the stain."""
        uptake = np.exp(rng.normal(0, 0.15))
        return float(self.activity * uptake * self.disease.strength[stain])


def draw_patient(disease: Disease, rng: np.random.Generator) -> Patient:
    """Draw a person."""
    return Patient(disease=disease, activity=float(rng.uniform(0.6, 1)), slide=draw_slide(rng))


@dataclass(frozen=True, kw_only=True)
class Slide:
    """A patient's stained sections under one microscope.

    Args:
        glow: light of the tissue itself.
        target: brightness to which the microscopist takes what is bright, 0 to 1.
    """

    glow: float
    target: float


def draw_slide(rng: np.random.Generator) -> Slide:
    """Draw a slide; glow and target differ so much that brightness tells little of the disease."""
    glow = np.exp(rng.uniform(np.log(0.07), np.log(0.35)))
    return Slide(glow=float(glow), target=float(rng.uniform(0.4, 1.0)))
