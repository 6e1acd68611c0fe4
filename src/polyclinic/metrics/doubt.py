"""How unsure a reader is of what it measured, 0 (sure) to 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polyclinic.metrics.case import score_of
from polyclinic.reading import Reading
from polyclinic.sample import Instance

AGREEMENT = "agreement"
"""Key of `Reading.quality`: how far the members of an ensemble agree, 0 to 1."""
LEAST = 0.05
"""Under it a doubt tells nothing: scores near 1 differ by how long a reader was trained."""


def spread(doubt: ArrayLike) -> NDArray[np.float64]:
    """How far a measurement errs for its doubt, up to a factor: the root of the doubt.

    The variance of an error is taken to grow with the doubt. The rule is fixed: fitted to the
    patients that intervals are learnt from, it would spend what they promise. It makes most
    intervals of measurements of single objects narrower and those of doubtful ones wider
    (`docs/results/conformal_width.json`).

    Args:
        doubt: 0 to 1; NaN, where nothing is known, counts as 1.
    """
    known = np.asarray(doubt, float)
    return np.asarray(np.sqrt(np.maximum(np.where(np.isnan(known), 1.0, known), LEAST)))


def instance_doubt(instance: Instance) -> float:
    """What a found instance's score lacks of 1."""
    return 1.0 - score_of(instance)


def image_doubt(reading: Reading, accept: float = 0.0) -> float:
    """Doubt about what is measured on the whole image.

    What the mean score of the accepted instances lacks of 1, or what `agreement` of the
    reading's quality lacks, whichever is larger. NaN where there is neither: nothing is known.

    Args:
        reading: with its instances.
        accept: the score from which on an instance counts.
    """
    scores = [s for s in map(score_of, reading.instances or ()) if s >= accept]
    known = [1.0 - float(np.mean(scores))] if scores else []
    if AGREEMENT in reading.quality:
        known.append(1.0 - reading.quality[AGREEMENT])
    return max(known, default=np.nan)
