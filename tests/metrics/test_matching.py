from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.errors import DataError
from polyclinic.metrics.matching import box_iou, instance_iou, match_cases, match_instances
from polyclinic.sample import Instance, Mask
from tests.metrics.cases import block, case, row_of_blocks
from tests.metrics.plain_matching import plain_match


def test_shifted_blocks_match_from_half_overlap():
    true = [block(50)]
    assert match_instances(true, [block(53)]).pairs == ((0, 0),)  # 7 / 13
    missed = match_instances(true, [block(54)])  # 6 / 14
    assert (missed.pairs, missed.missed, missed.spurious) == ((), (0,), (0,))


def test_the_surer_find_takes_the_instance():
    read = [block(50, score=0.6), block(51, score=0.9)]
    match = match_instances([block(50)], read)
    assert match.pairs == ((0, 1),)
    assert match.spurious == (0,)


def test_finds_below_the_score_do_not_exist():
    match = match_instances([block(50)], [block(50, score=0.3)], min_score=0.5)
    assert (match.missed, match.spurious) == ((0,), ())


def test_boxes_stand_in_where_a_mask_is_absent():
    boxed = block(52, mask=False)
    assert instance_iou(block(50), boxed) == pytest.approx(8 / 12)
    assert match_instances([block(50)], [boxed]).pairs == ((0, 0),)


def test_masks_count_before_boxes():
    full = block(50, width=30, height=30).mask.array()
    full[13:37, 53:77] = False
    frame = Instance(box=block(50, width=30, height=30).box, mask=Mask.from_array(full))
    inner = block(53, 13, 24, 24)
    assert box_iou(frame.box, inner.box) == pytest.approx(576 / 900)
    assert match_instances([frame], [inner]).pairs == ()


def test_crowds_are_neither_hit_nor_miss():
    crowd = block(100, width=60, crowd=True)
    match = match_instances([crowd, block(5)], [block(120), block(130), block(5), block(40)])
    assert match.ignored == (0, 1)
    assert match.pairs == ((1, 2),)
    assert match.spurious == (3,)
    assert match.missed == ()


@given(st.lists(st.tuples(st.integers(0, 180), st.floats(0, 1)), max_size=8), st.data())
def test_every_row_is_accounted_for_once(placed, data):
    true = [block(left) for left, _ in placed]
    read = data.draw(st.permutations([block(left, score=score) for left, score in placed]))
    match = match_instances(true, read)
    annotated = [a for a, _ in match.pairs] + list(match.missed)
    found = [f for _, f in match.pairs] + list(match.spurious) + list(match.ignored)
    assert sorted(annotated) == sorted(found) == list(range(len(placed)))
    assert all(instance_iou(true[a], read[f]) >= 0.5 for a, f in match.pairs)


@st.composite
def blocks_of(draw, *, found):
    return [
        block(
            2 * draw(st.integers(0, 20)),
            2 * draw(st.integers(0, 5)),
            draw(st.sampled_from([4, 8, 10, 60])),
            draw(st.sampled_from([4, 8, 20])),
            mask=draw(st.booleans()),
            crowd=not found and draw(st.sampled_from([False, False, False, True])),
            score=draw(st.sampled_from([None, 0.2, 0.5, 0.5, 0.9])) if found else None,
        )
        for _ in range(draw(st.integers(0, 7)))
    ]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(blocks_of(found=False), blocks_of(found=True)), max_size=4),
    st.sampled_from([0.1, 0.5, 0.8]),
    st.sampled_from([0.0, 0.5, 0.6]),
)
def test_all_at_once_is_one_by_one(pairs, min_iou, min_score):
    known = {"min_iou": min_iou, "min_score": min_score}
    expected = [plain_match(true, read, **known) for true, read in pairs]
    assert [match_instances(true, read, **known) for true, read in pairs] == expected
    cases = [case(true, read, number) for number, (true, read) in enumerate(pairs)]
    assert [one.match for one in match_cases(cases, **known)] == expected


def test_images_without_annotation_are_left_out_but_failed_ones_are_not():
    cases = [
        case(None, row_of_blocks()),
        case(row_of_blocks(), None),
        case(row_of_blocks(), None, error="truncated file"),
        case((), ()),
    ]
    matched = match_cases(cases)
    assert [len(one.match.missed) for one in matched] == [4, 0]


def test_pairs_of_different_images_are_refused():
    sample, _ = case((), (), image=1)
    _, reading = case((), (), image=2)
    with pytest.raises(DataError, match="pairs of the same image"):
        match_cases([(sample, reading)])


def test_empty_boxes_overlap_nothing():
    empty = Instance(box=np.array([5.0, 5, 5, 5]))
    assert instance_iou(empty, empty) == 0
    assert match_instances([empty, block(0, crowd=True)], [empty]).spurious == (0,)


def test_what_is_remembered_is_of_the_same_images_and_overlap():
    """Matches are kept with the reading; another annotation or overlap is matched anew."""
    read = tuple(block(left, score=0.9 - left / 1000) for left in (5, 45))
    first = case([block(5), block(45)], read)
    second = case([block(5)], ())[0], first[1]
    near = case([block(6)], ())[0], first[1]
    for _ in range(2):
        assert [len(m.match.pairs) for m in match_cases([first, second, first])] == [2, 1, 2]
        assert [len(m.match.pairs) for m in match_cases([near], min_iou=0.9)] == [0]
        assert [len(m.match.pairs) for m in match_cases([near], min_iou=0.5)] == [1]
        assert [len(m.match.pairs) for m in match_cases([first], min_score=0.88)] == [1]


def test_an_image_with_some_of_its_objects_counts_no_false_find():
    sample, reading = case([block(5)], [block(5), block(60)])
    some = replace(sample, annotated=frozenset({"grade"}))
    assert match_cases([(some, reading)]) == []
    (whole,) = match_cases([(replace(some, annotated=frozenset({"instances"})), reading)])
    assert len(whole.match.spurious) == 1
