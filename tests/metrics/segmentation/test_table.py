from dataclasses import replace

import numpy as np
import pytest

from polyclinic.metrics.segmentation import EmptyCases, compare_masks, empty_cases, masked_cases
from polyclinic.sample import Spacing
from tests.metrics.cases import ABNORMAL, HAEMORRHAGE, NORMAL, SIZE, block, case

DIAGONAL = np.hypot(*SIZE)


def test_one_table_for_all_classes_and_one_for_each_that_is_annotated_or_found():
    cases = [
        case([block(5)], [block(5, score=0.9)], 1),
        case([block(5), block(40, category=ABNORMAL)], [block(5, score=0.9)], 2),
        case((), [block(5, category=HAEMORRHAGE, score=0.9)], 3),
        case((), (), 4),
    ]
    tables = compare_masks(cases, 0.5)
    assert [one.name for one in tables] == ["", "normal", "haemorrhage", "abnormal"]
    united, normal, found_alone, abnormal = tables
    assert united.empty == EmptyCases(neither=1, only_annotated=0, only_found=1, both=2)
    assert normal.empty == EmptyCases(
        name="normal", neither=2, only_annotated=0, only_found=0, both=2
    )
    assert not found_alone.annotated
    assert found_alone.empty == EmptyCases(
        name="haemorrhage", neither=3, only_annotated=0, only_found=1, both=0
    )
    assert abnormal.empty == EmptyCases(
        name="abnormal", neither=3, only_annotated=1, only_found=0, both=0
    )
    assert empty_cases(cases, 0.5) == [one.empty for one in tables]
    np.testing.assert_array_equal(normal.counts[:, 0], [200, 200, 0, 0])
    assert (united.objects, normal.objects, abnormal.objects) == (2, 1, 1)
    np.testing.assert_allclose(abnormal.px["hd95"], [np.nan, DIAGONAL, np.nan, np.nan])
    np.testing.assert_allclose(normal.px["near"][:2], [1, 1])
    assert np.isnan(normal.mm["hd95"]).all()


def test_lengths_in_mm_where_the_scale_is_known():
    square, oblong = (Spacing(row_mm=row, column_mm=0.5, origin="calibrated") for row in (0.5, 2.0))
    true, read = [block(5)], [block(8, score=0.9)]  # 3 columns to the right
    cases = [
        case(true, read, 1, spacing=square),
        case(true, read, 2, spacing=oblong),
        case(true, (), 3, spacing=oblong),
        case(true, read, 4),
    ]
    _, table = compare_masks(cases, 0.5)
    assert table.scaled.tolist() == [True, True, True, False]
    np.testing.assert_allclose(table.px["hd95"], [3, 3, DIAGONAL, 3])
    np.testing.assert_allclose(
        table.mm["hd95"], [1.5, 1.5, np.hypot(SIZE[0] * 2, SIZE[1] / 2), np.nan]
    )
    assert table.mm["distance"][0] == pytest.approx(table.px["distance"][0] / 2)
    assert np.isnan(table.mm["near"][3])


def test_images_without_all_masks_are_left_out():
    cases = [
        case([block(5), block(40, mask=False)], [block(5, score=0.9)], 1),
        case([block(5)], [block(5, score=0.9)], 2),
        case(None, [block(5, score=0.9)], 3),
        case([block(5)], None, 4, error="cannot be opened"),
    ]
    united = compare_masks(cases, 0.5)[0]
    assert united.places.tolist() == [1, 3]
    np.testing.assert_array_equal(united.counts, [[200, 200, 200], [0, 200, 0]])


def test_crowds_count_on_neither_side():
    true = [block(5), block(100, width=60, crowd=True)]
    read = [block(5, score=0.9), block(120, score=0.9), block(70, score=0.2)]
    united, normal = compare_masks([case(true, read)], 0.5)
    np.testing.assert_array_equal(united.counts, [[200, 200, 200]])
    assert normal.px["hd95"] == [0]


def test_a_crowd_of_another_class_hides_nothing():
    true = [block(5), block(100, category=ABNORMAL, crowd=True)]
    read = [block(5, score=0.9), block(100, score=0.9, category=NORMAL)]
    united, normal = compare_masks([case(true, read)], 0.5)
    assert united.counts[0, 2] == 200
    assert normal.counts[0, 2] == 400


def test_a_single_class_needs_one_table():
    single = case([block(5)], [block(5, score=0.9)], classes=("normal",))
    assert len(compare_masks([single], 0.5)) == 1


def outlined(*instances):
    """Which tables of two images, found as they are annotated, have distances."""
    cases = [
        case(some, [replace(one, score=0.9) for one in some], number)
        for number, some in enumerate(instances)
    ]
    tables = compare_masks(cases, 0.5)
    for table in tables:
        assert np.isfinite(table.px["hd95"]).any() == table.outlined, table.name
    return {table.name: table.outlined for table in tables}


def test_outlines_are_measured_where_objects_are_few():
    pair, third = [block(5), block(40)], block(80)
    assert outlined(pair, [third]) == {"": False, "normal": True}
    assert outlined(pair, [*pair, third]) == {"": False, "normal": False}
    other = replace(third, category=ABNORMAL)
    assert outlined(pair, [*pair, other]) == {"": False, "normal": True, "abnormal": True}
    crowd = replace(third, crowd=True)
    assert outlined(pair, [*pair, crowd])["normal"]
    unnamed = [replace(one, category=None) for one in pair]
    assert outlined(unnamed) == {"": True}
    assert outlined([*unnamed, replace(third, category=None)]) == {"": False}


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4])
def test_painting_classes_together_is_painting_each_alone(share):
    random = np.random.default_rng(7)
    kinds = [None, NORMAL, ABNORMAL]

    def drawn(count, **known):
        return [
            block(
                int(random.integers(0, 180)),
                int(random.integers(0, 40)),
                category=kinds[random.integers(3)],
                **known,
            )
            for _ in range(count)
        ]

    for _ in range(20):
        true = drawn(5) + [one for one in drawn(4, crowd=True) if random.random() < share]
        (image,) = masked_cases([case(true, drawn(6, score=0.9))], 0.5)
        for unions, wanted in zip(
            image.unions([NORMAL, ABNORMAL]), [kinds, [NORMAL], [ABNORMAL]], strict=True
        ):
            crowds = [one for one in image.crowds if one.category in (*wanted, None)]
            for side, region in ((image.true, unions.true), (image.read, unions.read)):
                full = painted(one for one in side if one.category in wanted) & ~painted(crowds)
                frame = unions.frame
                assert full.sum() == region.sum()
                inside = full[frame.top : frame.bottom, frame.left : frame.right]
                np.testing.assert_array_equal(inside, region)


def painted(instances):
    """All masks in the whole frame."""
    return sum((one.mask.array() for one in instances), np.zeros(SIZE, bool))


def test_no_table_where_masks_are_not_annotated_or_not_read():
    box = [block(5, mask=False)]
    assert compare_masks([], 0.5) == empty_cases([], 0.5) == []
    assert compare_masks([case(box, [block(5, score=0.9)])], 0.5) == []
    assert compare_masks([case([block(5)], [block(5, mask=False, score=0.9)])], 0.5) == []
    assert compare_masks([case([block(5)], ())], 0.5)
