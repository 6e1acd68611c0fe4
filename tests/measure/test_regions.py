import numpy as np
import pytest

from polyclinic.measure.regions import SHAPES, measure_region, measure_regions
from polyclinic.reading import Reading
from polyclinic.sample import Instance, Mask, Spacing
from tests.measure.test_ellipse import draw, perimeter

SCALE = Spacing(row_mm=0.2, column_mm=0.1, origin="calibrated")


def reading(*found, spacing=SCALE, classes=("head", "optic disc")):
    instances = tuple(Instance(box=m.box(), category=c, mask=m, score=0.9) for c, m in found)
    return Reading(
        image_id=1, size=(400, 420), spacing=spacing, classes=classes, instances=instances
    )


def by_name(measurements):
    return {one.name: one for one in measurements}


def test_millimetres_where_the_scale_is_known():
    mask = draw((200, 190), 15, 10, 20, spacing=(0.2, 0.1))
    found = by_name(measure_regions(reading((0, mask))))
    assert found["head_area"].value == pytest.approx(np.pi * 150, rel=5e-3)
    assert found["head_circumference"].value == pytest.approx(perimeter(15, 10), rel=5e-3)
    assert found["head_major_axis"].value == pytest.approx(30, rel=5e-3)
    assert found["head_minor_axis"].value == pytest.approx(20, rel=5e-3)
    assert [found[f"head_{shape}"].unit for shape in SHAPES] == ["mm2", "mm", "mm", "mm"]
    assert all(found[f"head_{shape}"].flags == () for shape in SHAPES)
    assert all(found[f"head_{shape}"].instance is None for shape in SHAPES)
    assert "PLoS ONE" in found["head_circumference"].source


def test_pixels_and_a_flag_where_it_is_not():
    mask = draw((200, 190), 60, 40, 0)
    found = by_name(measure_regions(reading((0, mask), spacing=Spacing.unknown())))
    assert found["head_area"].value == mask.area
    assert [found[f"head_{shape}"].unit for shape in SHAPES] == ["px2", "px", "px", "px"]
    assert all(found[f"head_{shape}"].flags == ("unknown-scale",) for shape in SHAPES)


def test_a_class_that_was_not_found_says_so():
    found = by_name(measure_regions(reading((1, draw((200, 190), 6, 4, 0)))))
    assert found["head_circumference"].value is None
    assert found["head_circumference"].flags == ("region-not-found",)
    assert found["optic_disc_area"].value is not None


def test_only_what_is_asked_for():
    mask = draw((200, 190), 6, 4, 0)
    found = measure_regions(reading((0, mask), classes=("head",)), ("circumference",))
    assert [one.name for one in found] == ["head_circumference"]


def test_a_reader_without_instances_measures_nothing():
    assert measure_regions(Reading(image_id=1, size=(4, 4), classes=("head",))) == ()


@pytest.mark.parametrize("centre", [(0, 200), (419, 200), (200, 0), (200, 399)])
def test_a_region_cut_off_by_the_border_is_flagged(centre):
    mask = draw(centre, 60, 60, 0)
    flags = [one.flags for one in measure_region("head", mask, SCALE)]
    assert all("touches-image-edge" in one for one in flags)


def test_a_shape_that_is_no_ellipse_is_flagged_where_it_matters():
    crescent = draw((200, 200), 60, 60, 0).array() & ~draw((230, 200), 50, 50, 0).array()
    found = by_name(measure_region("head", Mask.from_array(crescent), SCALE))
    assert found["head_area"].flags == ()
    for shape in ("circumference", "major_axis", "minor_axis"):
        assert found[f"head_{shape}"].flags == ("not-elliptic",)


def test_objects_of_a_class_are_one_region():
    first, second = draw((120, 190), 40, 30, 0), draw((150, 190), 40, 30, 0)
    both = Mask.from_array(first.array() | second.array())
    found = by_name(measure_regions(reading((0, first), (0, second), spacing=Spacing.unknown())))
    assert found["head_area"].value == both.area
    [alone] = measure_region("head", both, Spacing.unknown(), ("circumference",))
    assert found["head_circumference"].value == alone.value


@pytest.mark.parametrize("mask", [None, Mask.from_array(np.zeros((400, 420), bool))])
def test_without_a_mask_there_is_a_reason(mask):
    boxed = Instance(box=np.array([0.0, 0, 9, 9]), category=0, mask=mask)
    bare = Reading(image_id=1, size=(400, 420), classes=("head",), instances=(boxed,))
    for one in measure_regions(bare):
        assert one.value is None
        assert one.flags == ("no-mask",)


def test_a_few_stray_pixels_do_not_move_the_shape():
    whole = draw((200, 190), 60, 40, 0)
    strewn = whole.array()
    strewn[5:13, 5:10] = True  # half a percent of the area, far off
    found, clean = (
        by_name(measure_region("head", one, SCALE)) for one in (Mask.from_array(strewn), whole)
    )
    for shape in ("circumference", "major_axis", "minor_axis"):
        assert found[f"head_{shape}"].value == clean[f"head_{shape}"].value
        assert found[f"head_{shape}"].flags == ("stray-parts",)
    stray = 8 * 5 * 0.2 * 0.1
    assert found["head_area"].value == pytest.approx(clean["head_area"].value + stray)
    assert found["head_area"].flags == ("stray-parts",)


def test_large_parts_belong_to_the_region_and_are_flagged():
    both = draw((120, 190), 40, 40, 0).array() | draw((300, 190), 25, 25, 0).array()
    found = by_name(measure_region("head", Mask.from_array(both), SCALE))
    assert found["head_major_axis"].value > 30
    assert found["head_circumference"].flags == ("not-elliptic", "several-parts")
    assert found["head_area"].flags == ("several-parts",)
