"""Small annotated samples and readings to compare."""

from __future__ import annotations

import numpy as np

from polyclinic.reading import Reading
from polyclinic.sample import Instance, Mask, Sample, Spacing
from polyclinic.schema.nailfold import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS

SIZE = (60, 200)
NORMAL, BLUR, HAEMORRHAGE, ABNORMAL, AGGREGATION = range(5)


def block(left, top=10, width=10, height=20, *, mask=True, **known):
    """A filled rectangle of pixels as an instance."""
    full = np.zeros(SIZE, bool)
    full[top : top + height, left : left + width] = True
    painted = Mask.from_array(full)
    known = {"category": NORMAL, **known}
    return Instance(box=painted.box(), mask=painted if mask else None, **known)


def row_of_blocks(count=4, **known):
    """Blocks side by side that share nothing."""
    return tuple(block(5 + 20 * i, **known) for i in range(count))


def landmarks(left, *, apical=8.0, arterial=6.0, venous=9.0):
    """Eight nailfold landmarks near a block's left edge, with the given wall distances."""
    x = float(left)
    points = [
        (x, 10 - apical / 2),
        (x, 10 + apical / 2),
        (x - 10, 20),
        (x - 10 + arterial, 20),
        (x + 10 - venous, 20),
        (x + 10, 20),
        (x - 8, 40),
        (x + 8, 40),
    ]
    return np.array([(px, py, 2) for px, py in points], float)


def case(true, read, image=1, patient=None, spacing=None, **reading):
    """A sample with annotated instances beside a reading with found ones."""
    sample = Sample(
        image_id=image,
        size=SIZE,
        patient_id=patient,
        instances=None if true is None else tuple(true),
        spacing=spacing or Spacing.unknown(),
    )
    known = {"classes": NAILFOLD_CLASSES, "landmark_schema": NAILFOLD_LANDMARKS, **reading}
    found = None if read is None else tuple(read)
    return sample, Reading(image_id=image, size=SIZE, instances=found, **known)
