"""What calibration learns depends on names, not on the order in which data store them."""

import numpy as np
import pytest
from rich.console import Console

from polyclinic.data import Cohort
from polyclinic.data.grey import UNKNOWN
from polyclinic.errors import DataError
from polyclinic.measure.regions import RegionMeasurer
from polyclinic.reading import Reading
from polyclinic.runs.calibrate import calibrate
from polyclinic.runtime.calibration import Calibration
from polyclinic.sample import Instance, Mask, Sample, Spacing

SIZE, CLASSES = (40, 40), ("disc", "cup")


def region(category, side, score=None):
    full = np.zeros(SIZE, bool)
    full[4 : 4 + side, 4 : 4 + side] = True
    mask = Mask.from_array(full)
    return Instance(box=mask.box(), category=category, mask=mask, score=score)


class BaseReader:
    """Reads every side a pixel too long."""

    classes, landmark_schema, provenance, accept = CLASSES, None, {}, 0.5
    grey = UNKNOWN
    measurer = RegionMeasurer(shapes=("area",))

    def with_candidates(self):
        return self

    def read_beside(self, samples):
        for one in samples:
            sides = (31, 13)
            found = tuple(region(row, side, score=0.9) for row, side in enumerate(sides))
            yield (
                one,
                Reading(
                    image_id=one.image_id,
                    size=SIZE,
                    spacing=one.spacing,
                    classes=CLASSES,
                    instances=found,
                ),
            )


def cohort(classes):
    sides = {"disc": 30, "cup": 12}
    return Cohort(
        samples=tuple(
            Sample(
                image_id=row,
                size=SIZE,
                patient_id=str(row),
                spacing=Spacing.square(1.0, "calibrated"),
                instances=tuple(region(k, sides.get(name, 9)) for k, name in enumerate(classes)),
            )
            for row in range(40)
        ),
        classes=classes,
        name="clinic.json",
    )


def learnt(data, folder, console):
    folder.mkdir()
    calibrate(folder, BaseReader(), data, range(len(data)), console)
    return Calibration.of_run(folder)


def test_classes_in_another_order_calibrate_alike(tmp_path):
    console = Console(quiet=True)
    first = learnt(cohort(CLASSES), tmp_path / "first", console)
    second = learnt(cohort(CLASSES[::-1]), tmp_path / "second", console)
    assert first.intervals == second.intervals
    assert {one.name for one in first.intervals} == {"disc_area", "cup_area"}
    with pytest.raises(DataError, match=r"clinic\.json: the data have the classes femur"):
        learnt(cohort(("femur", "tibia")), tmp_path / "third", console)
