import logging
from dataclasses import replace

import numpy as np
import pytest

from polyclinic.data import Cohort
from polyclinic.errors import DataError
from polyclinic.reading import Reading
from polyclinic.runtime.stored import pair_with
from polyclinic.sample import Instance, Sample
from polyclinic.schema import LandmarkSchema

SIZE = (5, 6)
COHORT = Cohort(
    samples=tuple(
        Sample(image_id=number, size=SIZE, file=f"/data/{name}.png", instances=())
        for number, name in enumerate("abc")
    ),
    classes=("x", "y"),
    landmark_schema=LandmarkSchema(names=("tip",)),
    name="data.json",
)


def read(image_id, file=None, **known):
    return Reading(
        **{"size": SIZE, "classes": ("x", "y"), "instances": ()} | known,
        image_id=image_id,
        file=file,
    )


def test_readings_are_found_by_id_and_by_file_name():
    cases = pair_with(COHORT, [read("c.png", "/elsewhere/c.png"), read(0), read(9, "b.png")])
    assert [sample.image_id for sample, _ in cases] == [0, 1, 2]
    assert [reading.image_id for _, reading in cases] == [0, 1, 2]
    assert [reading.file for _, reading in cases] == [None, "b.png", "/elsewhere/c.png"]


def test_images_that_nobody_read_hold_nothing_and_are_named(caplog):
    with caplog.at_level(logging.WARNING):
        cases = pair_with(COHORT, [read(1)])
    assert [reading.error for _, reading in cases] == ["not read", None, "not read"]
    assert [reading.size for _, reading in cases] == [SIZE] * 3
    assert "2 of 3 images were not read (a.png, c.png)" in caplog.text


def test_an_image_that_could_not_be_read_stays_a_case():
    broken = Reading(image_id="b.png", size=(0, 0), error="is empty")
    _, (sample, reading), _ = pair_with(COHORT, [read(0), broken, read(2)])
    assert (reading.image_id, reading.size, reading.error) == (sample.image_id, SIZE, "is empty")


@pytest.mark.parametrize(
    ("readings", "message"),
    [
        ([read(7), read("q.png")], "2 readings are of images that are not in the data: 7, q.png"),
        ([read(0), read("a.png", "/x/a.png")], "two readings are of one image: 0 and a.png"),
        ([read(0, "c.png")], "another image of the data"),
        ([read(0, size=(9, 9))], "0: the reading is of 9 x 9 pixels; expected 6 x 5"),
        ([read(0, classes=("x",))], "has the classes x; expected those of the data: x, y"),
        (
            [read(0, landmark_schema=LandmarkSchema(names=("heel",)))],
            "the data have the landmarks tip; expected those of the run: heel",
        ),
    ],
)
def test_what_does_not_fit_is_refused(readings, message):
    with pytest.raises(DataError, match=message):
        pair_with(COHORT, readings)


def test_no_readings_and_no_images():
    assert [reading.error for _, reading in pair_with(COHORT, [])] == ["not read"] * 3
    assert pair_with(Cohort(samples=()), []) == []


def test_names_in_another_order_are_matched_by_name():
    """Of images that were not read as well: all cases share one list of classes."""
    schemas = [LandmarkSchema(names=names) for names in (("tip", "heel"), ("heel", "tip"))]
    box = np.array([0.0, 0, 3, 3])
    points = np.array([[1.0, 1, 2], [2, 2, 2]])
    shown = Instance(box=box, category=0, landmarks=points)
    cohort = replace(
        COHORT,
        samples=tuple(replace(one, instances=(shown,)) for one in COHORT.samples),
        landmark_schema=schemas[0],
    )
    found = Instance(box=box, category=1, landmarks=points[::-1], score=0.9)
    reading = read(0, classes=("y", "x"), landmark_schema=schemas[1], instances=(found,))
    (sample, kept), (unread, _), _ = pair_with(cohort, [reading])
    for one in (sample.instances[0], unread.instances[0]):
        assert one.category == kept.instances[0].category == 1
        assert (one.landmarks == found.landmarks).all()


def test_what_the_reader_was_never_taught_is_not_judged():
    """Its readings say so."""
    samples = tuple(
        replace(one, instances=(Instance(box=np.array([0.0, 0, 3, 3]), category=1),))
        for one in COHORT.samples
    )
    cohort = replace(COHORT, samples=samples)
    reading = read(0, provenance={"not_read": {"classes": ["y"]}})
    cases = pair_with(cohort, [reading])
    assert all(sample.instances[0].crowd for sample, _ in cases)
