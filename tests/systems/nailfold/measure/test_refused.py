"""Nothing is made of what a reader refused, and what is made of the rest says so."""

from dataclasses import replace

import numpy as np
import pytest

from polyclinic.measure.regions import measure_regions
from polyclinic.metrics.refusal import Refusal
from polyclinic.reading import REFUSED, Measurement, Reading
from polyclinic.reading.table import measurement_table
from polyclinic.runtime.calibration import Calibration
from polyclinic.sample import Instance, Mask, Spacing
from polyclinic.schema.nailfold import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS
from polyclinic.systems.knee.measure.measurer import measure_knees
from polyclinic.systems.nailfold.measure.measurer import measure_nailfold
from polyclinic.systems.nailfold.measure.patients import pool_patients
from tests.systems.knee.measure.knees import film, flat_knee, knee
from tests.systems.nailfold.measure.hairpins import Hairpin, at, placed

SIZE = (200, 500)
UM = Spacing.square(0.0017, "calibrated")
SURE, UNSURE = 0.9, 0.3
GIANT = Hairpin(left_width=39, right_width=39, apart=60)  # 66 um
NORMAL = Hairpin(left_width=6, right_width=9, apart=22)


def reading(*loops, spacing=UM, **known):
    """One loop beside the other: (shape, score)."""
    instances = tuple(
        placed(shape, at(80 + 130 * place, 70), SIZE, category=0, score=score)
        for place, (shape, score) in enumerate(loops)
    )
    known = {"image_id": 1, "patient_id": "a", "classes": NAILFOLD_CLASSES, **known}
    return Reading(
        size=SIZE,
        spacing=spacing,
        landmark_schema=NAILFOLD_LANDMARKS,
        instances=instances,
        **known,
    )


def calibrated(one, measure=measure_nailfold, **bounds):
    refusal = Refusal(**{"instance": 0.5, **bounds})
    known = {"intervals": (), "accept": 0.0, "patients": 20, "digest": ""}
    return Calibration(refusal=refusal, **known).measured(one, measure)


def whole(measurements):
    return {one.name: one for one in measurements if one.instance is None}


def test_a_refused_giant_is_no_giant():
    found = whole(calibrated(reading((NORMAL, SURE), (GIANT, UNSURE))).measurements)
    assert found["giant_count"].value == found["dilated_count"].value == 0
    assert found["csuri"].value is None
    for name in ("giant_count", "dilated_count", "csuri"):
        assert "some-loops-refused" in found[name].flags, name
    sure = whole(calibrated(reading((NORMAL, SURE), (GIANT, SURE))).measurements)
    assert sure["giant_count"].value == 1
    assert sure["csuri"].value == pytest.approx(66.3 / 4, abs=0.2)
    assert sure["giant_count"].flags == sure["csuri"].flags == ()


def test_where_all_are_refused_nothing_is_said_of_sizes():
    one = calibrated(reading((GIANT, UNSURE)))
    found = whole(one.measurements)
    for name in ("giant_count", "dilated_count", "csuri"):
        assert found[name].value is None, name
        assert REFUSED in found[name].flags
    own = [m for m in one.measurements if m.instance == 0]
    assert own
    assert all(m.refused and m.flags.count(REFUSED) == 1 for m in own)


def test_an_index_of_some_loops_says_so():
    """The same of a loop that could not be measured: its size has no part in the index either."""
    bare = reading((GIANT, SURE), (NORMAL, SURE))
    hidden = bare.instances[1].landmarks.copy()
    hidden[:, 2] = 0
    unknown = replace(bare.instances[1], landmarks=hidden, mask=None)
    found = whole(measure_nailfold(replace(bare, instances=(bare.instances[0], unknown))))
    assert found["csuri"].value is not None
    assert found["csuri"].flags == ("some-loops-not-measurable",)


def test_the_flag_is_written_once():
    one = calibrated(reading((GIANT, UNSURE)), image=0.5)
    assert one.flags == (REFUSED,)
    flags = measurement_table([one])["flag"]
    assert flags.str.count(REFUSED).tolist() == [1] * len(flags)


def pooled(*readings):
    return {one.name: one for one in pool_patients(readings)["a"]}


def test_an_image_of_refused_loops_is_not_evaluable():
    found = pooled(calibrated(reading((GIANT, UNSURE))))
    assert found["evaluable_images"].value == 0
    assert found["evaluable_images"].flags == ("no-evaluable-image", REFUSED)
    assert set(found) == {"evaluable_images"}


def test_neither_is_an_image_that_is_refused_as_a_whole():
    sure = calibrated(reading((NORMAL, SURE)))
    doubtful = replace(calibrated(reading((GIANT, SURE), image_id=2)), flags=(REFUSED,))
    found = pooled(sure, doubtful)
    assert found["evaluable_images"].value == 1
    assert found["giant_count"].value == 0
    assert found["apical_diameter"].value == pytest.approx(7.5 * 1.7)


def test_means_of_a_patient_leave_refused_values_out():
    found = pooled(calibrated(reading((NORMAL, SURE), (GIANT, UNSURE))))
    assert found["evaluable_images"].value == 1
    assert found["apical_diameter"].value == pytest.approx(7.5 * 1.7)
    assert found["apical_diameter"].flags == ("some-values-refused",)
    assert found["distal_row_count"].flags == ()


def test_flags_of_stored_measurements_are_as_good_as_marks():
    row = Measurement(
        name="width", value=66.0, unit="um", scale_source="assumed", instance=0, flags=(REFUSED,)
    )
    box = Instance(box=np.array([0.0, 0, 4, 4]))
    stored = Reading(image_id=1, patient_id="a", size=(9, 9), instances=(box,), measurements=(row,))
    assert pooled(stored)["evaluable_images"].value == 0
    two = pooled(replace(stored, instances=(box, box)))
    assert two["evaluable_images"].value == 1
    assert (two["width"].value, two["width"].flags) == (None, (REFUSED,))


def test_a_side_that_is_refused_is_compared_with_nothing():
    sides = (knee(flat_knee(5)), knee(flat_knee(3), 1, score=UNSURE))
    one = calibrated(film(*sides), measure_knees)
    found = whole(one.measurements)
    for name in ("joint_space_asymmetry", "tibial_width_asymmetry"):
        assert (found[name].value, REFUSED in found[name].flags) == (None, True)
    widths = [m for m in one.measurements if m.name == "tibial_width"]
    assert [(m.value is None, m.refused) for m in widths] == [(False, False), (False, True)]


def test_a_region_of_a_refused_object_is_refused():
    mask = np.zeros((40, 40), bool)
    mask[10:20, 10:30] = True
    objects = tuple(
        Instance(
            box=np.array([9.5, 9.5, 29.5, 19.5]), category=c, mask=Mask.from_array(mask), score=s
        )
        for c, s in ((0, SURE), (1, UNSURE))
    )
    one = Reading(image_id=1, size=(40, 40), classes=("disc", "cup"), instances=objects)
    found = whole(calibrated(one, measure_regions).measurements)
    assert not found["disc_area"].refused
    assert found["cup_area"].refused
    assert found["cup_area"].value == 200
