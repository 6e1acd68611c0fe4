"""Names of data and names of a reader: matched by name, never by position."""

import logging
from dataclasses import replace

import numpy as np
import pytest

from polyclinic.data import Cohort
from polyclinic.data.naming import Naming
from polyclinic.errors import DataError
from polyclinic.reading import Reading
from polyclinic.sample import Instance, Sample
from polyclinic.schema import LandmarkSchema

TRAINED = LandmarkSchema(names=("left", "right", "tip"), swaps=(("left", "right"),))
OTHER = LandmarkSchema(names=("tip", "right", "left"), swaps=(("right", "left"),))
CLASSES = ("disc", "cup")
BOX = np.array([1.0, 1, 9, 9])


def cohort(classes=CLASSES, schema=TRAINED, landmarks=None, labels=None):
    """An image with one object a class; a landmark lies at ten times the place of its name."""
    names = () if schema is None else schema.names
    points = np.array(
        [[10.0 * len(name), place, 2] for place, name in enumerate(names)] if not landmarks else 0
    ).reshape(-1, 3)
    instances = tuple(
        Instance(box=BOX, category=row, landmarks=points if schema else None)
        for row in range(len(classes))
    )
    sample = Sample(image_id=1, size=(20, 20), instances=instances, labels=labels or {})
    return Cohort(samples=(sample,), classes=classes, landmark_schema=schema, name="other.json")


def naming(data, **known):
    given = {"read": (CLASSES, TRAINED), "where": data.name} | known
    return Naming(own=(data.classes, data.landmark_schema), **given)


def test_the_same_names_change_nothing():
    data = cohort()
    assert naming(data).cohort(data) is data


def test_landmarks_and_classes_in_another_order_are_matched():
    data = cohort(classes=("cup", "disc"), schema=OTHER)
    matched = naming(data).cohort(data)
    assert matched.classes == CLASSES
    assert matched.landmark_schema is TRAINED
    cup, disc = matched.samples[0].instances
    assert (CLASSES[cup.category], CLASSES[disc.category]) == ("cup", "disc")
    assert cup.landmarks[:, 0].tolist() == [40, 50, 30]
    assert (cup.landmarks[:, 2] == 2).all()
    assert naming(matched).cohort(matched) is matched


def test_what_only_one_of_the_two_knows_is_not_judged_and_is_named(caplog):
    """`rim` is not read, `cup` and `tip` are not annotated."""
    data = cohort(("rim", "disc"), LandmarkSchema(names=("right", "base", "left")))
    with caplog.at_level(logging.WARNING):
        matched = naming(data).cohort(data)
    rim, disc = matched.samples[0].instances
    assert (rim.crowd, rim.category, rim.landmarks) == (True, None, None)
    assert (disc.crowd, disc.category) == (False, 0)
    assert disc.landmarks[:, 0].tolist() == [40, 50, 0]
    assert disc.landmarks[:, 2].tolist() == [2, 2, 0]
    said = caplog.text
    for name in ("'rim': its 1 objects", "no 'cup'", "landmark 'base'", "no landmark 'tip'"):
        assert name in said
    read = Reading(
        image_id=1,
        size=(20, 20),
        classes=CLASSES,
        instances=tuple(Instance(box=BOX, category=row, score=0.9) for row in (1, 0)),
    )
    (kept,) = naming(data).reading(read).instances
    assert kept.category == 0


def test_what_was_never_taught_is_not_judged(caplog):
    data = cohort(labels={"dx": "ill", "site": "north"})
    missing = {"classes": ["cup"], "landmarks": ["tip"], "labels": {"dx": ["ill"]}}
    one = naming(data, not_taught=missing)
    with caplog.at_level(logging.WARNING):
        matched = one.cohort(data)
    disc, cup = matched.samples[0].instances
    assert cup.crowd
    assert not disc.crowd
    assert disc.landmarks[:, 2].tolist() == [2, 2, 0]
    assert matched.samples[0].labels == {"site": "north"}
    assert "'cup'" in caplog.text
    assert "'tip'" in caplog.text
    assert "'dx'" in caplog.text
    caplog.clear()
    again = one.cohort(matched)
    assert not caplog.records, "what was left out is left out once"
    assert again.samples[0].labels == {"site": "north"}


@pytest.mark.parametrize(
    ("classes", "schema"),
    [(("knee",), None), (CLASSES, LandmarkSchema(names=("tibia", "femur")))],
)
def test_another_organ_is_refused(classes, schema):
    data = cohort(classes, schema)
    with pytest.raises(DataError, match=r"other\.json: the data have the (classes|landmarks)"):
        naming(data)


def test_sides_that_are_paired_in_another_way_are_refused():
    data = cohort(schema=replace(TRAINED, swaps=(("left", "tip"),)))
    with pytest.raises(DataError, match="'left' changes places with 'tip'"):
        naming(data)


def test_who_names_nothing_is_not_asked():
    """A reader of whole images on data with objects, and the other way about."""
    data = cohort()
    assert naming(data, read=((), None)).cohort(data) is data
    bare = cohort(classes=(), schema=None)
    assert naming(bare).cohort(bare) is bare
