"""How unsure a reader is of what it measured, 0 (sure) to 1."""

from __future__ import annotations

import numpy as np

from polyclinic.metrics.case import score_of
from polyclinic.reading import Reading
from polyclinic.sample import Instance

AGREEMENT = "agreement"
"""Key of `Reading.quality`: how far the members of an ensemble agree, 0 to 1."""


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
