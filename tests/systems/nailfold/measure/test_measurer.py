from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.reading import Reading
from polyclinic.sample import Spacing
from polyclinic.schema.nailfold import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS
from polyclinic.systems.nailfold.measure.limits import CapillaryLimits
from polyclinic.systems.nailfold.measure.measurer import measure_nailfold
from tests.systems.nailfold.measure.hairpins import Hairpin, at, placed

SIZE = (200, 400)
UM = Spacing.square(0.0017, "calibrated")
NORMAL, HAEMORRHAGE, ABNORMAL = 0, 2, 3


def loops(count=4, loop=None, **known):
    known = {"category": NORMAL, "score": 0.9, **known}
    loop = loop or Hairpin(left_width=6, right_width=9, apart=22)
    return tuple(placed(loop, at(50 + 90 * i, 60), SIZE, **known) for i in range(count))


def reading(instances, spacing=UM, **changes):
    made = Reading(
        image_id=1,
        size=SIZE,
        spacing=spacing,
        classes=NAILFOLD_CLASSES,
        landmark_schema=NAILFOLD_LANDMARKS,
        instances=instances,
    )
    return replace(made, **changes)


def by_name(measurements, instance=None):
    return {m.name: m for m in measurements if m.instance == instance}


def test_every_loop_and_the_image():
    measured = measure_nailfold(reading(loops()))
    for row in range(4):
        one = by_name(measured, row)
        assert one["apical_diameter"].value == pytest.approx(7.5 * 1.7)
        assert one["arterial_diameter"].value == pytest.approx(6 * 1.7)
        assert one["venous_diameter"].value == pytest.approx(9 * 1.7)
        for name in ("apical", "arterial", "venous"):
            direct, mask = one[f"{name}_diameter"], one[f"mask_{name}_diameter"]
            assert mask.value == pytest.approx(direct.value, abs=1.2 * 1.7)
            assert direct.unit == mask.unit == "um"
            assert not direct.flags
        assert one["loop_length"].value > one["landmark_loop_length"].value
        assert one["tortuosity"].value == pytest.approx(1, abs=0.02)
    image = by_name(measured)
    assert image["count"].value == image["count_normal"].value == 4
    assert image["distal_row_count"].value == 4
    assert image["intercapillary_distance"].value == pytest.approx(90 * 1.7)
    assert image["density"].value == pytest.approx(4 / 0.68)
    assert image["dilated_count"].value == image["giant_count"].value == 0
    assert image["csuri"].flags == ("no-giant-loop",)


def test_without_a_scale_everything_is_pixels_and_says_so():
    measured = measure_nailfold(reading(loops(), Spacing.unknown()))
    one, image = by_name(measured, 0), by_name(measured)
    assert one["apical_diameter"].unit == "px"
    assert one["apical_diameter"].value == pytest.approx(7.5)
    assert "unknown-scale" in one["apical_diameter"].flags
    assert image["intercapillary_distance"].value == pytest.approx(90)
    for name in ("density", "dilated_count", "giant_count", "csuri"):
        assert image[name].value is None
        assert "unknown-scale" in image[name].flags


def test_no_loop_is_density_zero_and_not_looked_is_nothing():
    image = by_name(measure_nailfold(reading(())))
    assert image["density"].value == 0
    assert image["count_abnormal"].value == image["giant_count"].value == 0
    assert image["intercapillary_distance"].value is None
    assert measure_nailfold(reading(None)) == ()


def test_haemorrhages_are_counted_but_are_no_loops():
    mixed = (*loops(2), *loops(1, category=HAEMORRHAGE))
    measured = measure_nailfold(reading(mixed))
    image = by_name(measured)
    assert image["count_haemorrhage"].value == 1
    assert image["distal_row_count"].value == 2
    assert not by_name(measured, 2)


def test_the_reader_decides_what_is_found_unless_the_limits_are_stricter():
    three = reading((*loops(2), *loops(1, score=0.2)))
    assert by_name(measure_nailfold(three))["count"].value == 3
    strict = measure_nailfold(three, CapillaryLimits(min_score=0.5))
    assert by_name(strict)["count"].value == 2


def test_dilated_and_giant_by_editable_limits():
    wide = loops(1, Hairpin(16, 16, apart=28, limb=80))  # 27.2 um
    huge = loops(1, Hairpin(32, 32, apart=50, limb=80))  # 54.4 um
    both = reading((*wide, *huge))
    image = by_name(measure_nailfold(both))
    assert (image["dilated_count"].value, image["giant_count"].value) == (1, 1)
    assert image["csuri"].value == pytest.approx(54.4 / 4)
    edited = by_name(measure_nailfold(both, CapillaryLimits(giant_um=25)))
    assert (edited["dilated_count"].value, edited["giant_count"].value) == (0, 2)
    assert "set by the user" in edited["giant_count"].source


def test_mask_and_landmarks_that_disagree_are_flagged():
    (one,) = loops(1)
    one.landmarks[NAILFOLD_LANDMARKS.index("up"), 1] -= 3
    one.landmarks[NAILFOLD_LANDMARKS.index("down"), 1] += 3
    rows = by_name(measure_nailfold(reading((one,))), 0)
    for prefix in ("", "mask_"):
        assert rows[f"{prefix}apical_diameter"].flags == ("mask-landmark-disagreement",)
        assert not rows[f"{prefix}arterial_diameter"].flags


def test_masks_alone_are_enough():
    masks = tuple(replace(one, landmarks=None) for one in loops())
    measured = measure_nailfold(reading(masks, landmark_schema=None))
    one = by_name(measured, 0)
    assert "apical_diameter" not in one
    assert one["mask_apical_diameter"].value == pytest.approx(7.5 * 1.7, abs=1.7)
    assert by_name(measured)["distal_row_count"].value == 4
    assert by_name(measured)["dilated_count"].value == 0


def test_boxes_alone_give_a_row_with_a_guessed_direction():
    boxes = tuple(replace(one, landmarks=None, mask=None) for one in loops())
    image = by_name(measure_nailfold(reading(boxes, landmark_schema=None)))
    assert image["density"].value == pytest.approx(4 / 0.68)
    assert image["density"].flags == ("orientation-assumed",)
    assert image["giant_count"].flags == ("loops-not-measurable",)


@settings(max_examples=15, deadline=None)
@given(st.sets(st.integers(0, 7)), st.booleans(), st.booleans())
def test_missing_landmarks_never_raise(hidden, mask, known):
    (one,) = loops(1, mask=mask)
    one.landmarks[list(hidden)] = 0
    for row in measure_nailfold(reading((one,), UM if known else Spacing.unknown())):
        assert row.value is not None or row.flags
