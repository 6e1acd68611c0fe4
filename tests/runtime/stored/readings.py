"""Hypothesis strategies for readings with everything that a file of them holds."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from polyclinic.reading import Measurement, Reading
from polyclinic.sample import Instance, Mask, Spacing
from polyclinic.schema import LandmarkSchema

SIZE = (24, 32)
CLASSES = ("normal", "abnormal")
SCHEMA = LandmarkSchema(
    names=("tip", "left", "right"), swaps=(("left", "right"),), sigmas=(0.1, 0.2, 0.3)
)

shares = st.floats(0, 1)
words = st.text("abc -", min_size=1, max_size=5)
places = st.floats(-5, 40)
masks = st.builds(
    lambda seed, share: Mask.from_array(np.random.default_rng(seed).random(SIZE) < share),
    st.integers(0, 99),
    st.sampled_from([0.0, 0.01, 0.5, 1.0]),
)
landmarks = st.tuples(
    arrays(float, (3, 2), elements=places),
    arrays(float, (3, 1), elements=st.sampled_from([0.0, 1.0, 2.0])),
).map(lambda pair: np.concatenate(pair, 1))


@st.composite
def instances(draw, pointed):
    x, y = draw(places), draw(places)
    points = draw(st.none() | landmarks) if pointed else None
    return Instance(
        box=np.array([x, y, x + draw(st.floats(0, 20)), y + draw(st.floats(0, 20))]),
        category=draw(st.none() | st.integers(0, 1)),
        mask=draw(st.none() | masks),
        landmarks=points,
        score=draw(st.none() | shares),
        probabilities=draw(st.none() | arrays(float, 2, elements=shares)),
        landmark_confidence=None if points is None else draw(arrays(float, 3, elements=shares)),
        crowd=draw(st.booleans()),
    )


@st.composite
def measurements(draw, rows):
    value = draw(st.none() | st.floats(-9, 9))
    interval = sorted(draw(st.tuples(st.floats(-9, 9), st.floats(-9, 9))))
    known = draw(st.booleans()) and value is not None
    return Measurement(
        name=draw(words),
        value=value,
        unit=draw(st.sampled_from(["px", "1", "count", "deg"])),
        lower=interval[0] if known else None,
        upper=interval[1] if known else None,
        formula=draw(st.just("") | words),
        source=draw(st.just("") | words),
        scale_source=draw(st.sampled_from(["calibrated", "unknown"])),
        instance=draw(st.none() | st.integers(0, rows - 1)) if rows else None,
        flags=("no scale",) if value is None else draw(st.just(()) | st.tuples(words)),
    )


@st.composite
def readings(draw, image_id):
    file = f"{image_id}.png"
    patient = draw(st.none() | words)
    if draw(st.integers(0, 5)) == 0:
        return Reading(
            image_id=image_id, size=(0, 0), file=file, patient_id=patient, error="is empty"
        )
    pointed = draw(st.booleans())
    found = draw(st.none() | st.lists(instances(pointed), max_size=3).map(tuple))
    return Reading(
        image_id=image_id,
        size=SIZE,
        file=file,
        patient_id=patient,
        spacing=draw(
            st.sampled_from(
                [
                    Spacing.unknown(),
                    Spacing(row_mm=0.1, column_mm=0.25, origin="detector"),
                    Spacing.square(0.001, "calibrated"),
                ]
            )
        ),
        classes=CLASSES,
        landmark_schema=SCHEMA if pointed and found is not None else None,
        instances=found,
        findings=draw(
            st.dictionaries(
                words, st.dictionaries(words, shares, min_size=1, max_size=2), max_size=2
            )
        ),
        quality=draw(st.dictionaries(words, st.floats(-9, 9), max_size=2)),
        measurements=tuple(draw(st.lists(measurements(len(found or ())), max_size=3))),
        flags=tuple(draw(st.lists(words, max_size=2))),
        provenance={"model": "m", "version": 2},
    )


image_ids = st.lists(st.integers(0, 99) | st.text("xyz", min_size=1, max_size=4), unique=True)


@st.composite
def several_readings(draw):
    """Readings of one reader: unique ids, one list of classes, one schema."""
    return [draw(readings(one)) for one in draw(image_ids.filter(lambda ids: len(ids) <= 4))]
