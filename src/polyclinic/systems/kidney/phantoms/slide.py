"""What all fields of a patient share: how the slides were made and lit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
