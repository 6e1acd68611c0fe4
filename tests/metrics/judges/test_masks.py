from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.metrics.judges.masks import figures
from polyclinic.sample import Spacing
from tests.metrics.cases import ABNORMAL, NORMAL, SIZE, block, case

SCALE = Spacing.square(0.5, "calibrated")
DIAGONAL = np.hypot(*SIZE)


ONE_CLASS = {"classes": ("normal",)}


def found(*lefts, score=0.9, **known):
    return [block(left, score=score, **known) for left in lefts]


def by_name(cases, accept=0.5):
    return {figure.name: figure for figure in figures(cases, accept)}


def values(cases, accept=0.5):
    ones = np.ones(len(cases))
    return {name: figure.value(ones) for name, figure in by_name(cases, accept).items()}


@st.composite
def judged(draw):
    """Cases of every kind, some without masks, some without a scale."""
    sides = st.lists(st.tuples(st.integers(0, 30), st.sampled_from([NORMAL, ABNORMAL])), max_size=2)
    cases = []
    for number in range(draw(st.integers(1, 5))):
        true, read = draw(sides), draw(sides)
        cases.append(
            case(
                [block(left, category=kind) for left, kind in true],
                [block(left, category=kind, score=0.9) for left, kind in read],
                number,
                spacing=draw(st.sampled_from([SCALE, Spacing.unknown()])),
            )
        )
    return cases, [draw(st.integers(0, 3)) for _ in cases]


@settings(deadline=None, max_examples=60)
@given(judged())
def test_a_whole_weight_repeats_a_case(drawn):
    cases, weights = drawn
    repeated = [one for one, weight in zip(cases, weights, strict=True) for _ in range(weight)]
    whole, again = by_name(cases), by_name(repeated)
    assert set(again) <= set(whole)
    for name in again:
        weighted = whole[name].metric(np.array(weights, float), None, None)
        counted = again[name].metric(np.ones(len(repeated)), None, None)
        assert weighted.value == pytest.approx(counted.value), name
        assert weighted.baseline == pytest.approx(counted.baseline), name
        assert weighted.cases == counted.cases, name


@settings(deadline=None, max_examples=60)
@given(judged())
def test_each_image_alone_is_what_its_weight_alone_gives(drawn):
    cases, _ = drawn
    for figure in figures(cases, 0.5):
        np.testing.assert_allclose(
            figure.by_case, figure.weighted(np.eye(len(cases))), err_msg=figure.name
        )


def test_overlap_over_images_and_pooled():
    cases = [
        case([block(5)], found(5), 1),
        case([block(5, width=30)], found(5), 2),
        case((), (), 3),
    ]
    of = values(cases)
    assert of["mask_dice"] == pytest.approx((1 + 1 / 2) / 2)
    assert of["mask_dice_pooled"] == pytest.approx(2 * 20 / (40 + 20))
    assert (of["mask_iou"], of["mask_sensitivity"], of["mask_precision"]) == (0.5, 0.5, 1)
    counts = {name: f.metric(np.ones(3), None, None).cases for name, f in by_name(cases).items()}
    assert (counts["mask_dice"], counts["mask_dice_pooled"]) == (2, 3)


def test_half_of_the_vessels_missed_halves_the_sensitivity():
    true = [block(5 + 19 * i, category=i // 2) for i in range(10)]
    of = values([case(true, [replace(one, score=0.9) for one in true[::2]])])
    assert (of["mask_sensitivity"], of["mask_precision"]) == (0.5, 1)
    assert of["mask_dice"] == of["mask_dice_pooled"] == pytest.approx(2 / 3)


def test_an_image_with_one_side_empty_scores_nothing_and_the_diagonal():
    for one in (case([block(5)], (), **ONE_CLASS), case((), found(5), **ONE_CLASS)):
        of = values([case([block(5)], found(5), 1, **ONE_CLASS), one])
        assert of["mask_dice"] == of["mask_nsd_2px"] == 0.5
        assert of["mask_hd95_px"] == of["mask_surface_distance_px"] == pytest.approx(DIAGONAL / 2)


def test_lengths_are_in_mm_where_every_image_has_a_scale():
    scaled = case([block(5)], found(9), 1, spacing=SCALE, **ONE_CLASS)
    unscaled = case([block(5)], found(5), 2, **ONE_CLASS)
    every, some, none = (values(cases) for cases in ([scaled], [scaled, unscaled], [unscaled]))
    assert every["mask_hd95_mm"] == some["mask_hd95_mm"] == 2
    assert some["mask_hd95_px"] == 2
    assert "mask_hd95_px" not in every
    assert "mask_hd95_mm" not in none
    assert "mask_nsd_1mm" in every
    assert "mask_nsd_2px" in every


def test_classes_have_figures_of_their_own():
    cases = [case([block(5), block(60, category=ABNORMAL)], found(5, 60), 1)]
    of = values(cases)
    assert (of["mask_dice_any_class"], of["mask_dice_abnormal"]) == (1, 0)
    assert of["mask_dice_normal"] == pytest.approx(2 / 3)
    assert of["mask_dice"] == pytest.approx(1 / 3)
    assert (of["mask_iou"], of["mask_iou_any_class"]) == (pytest.approx(1 / 3), 1)
    assert of["mask_hd95_px_abnormal"] == pytest.approx(DIAGONAL)
    assert not any(name.endswith("_blur") for name in of)
    assert "mask_iou_normal" not in of
    assert of["mask_hd95_px"] == pytest.approx((of["mask_hd95_px_normal"] + DIAGONAL) / 2)
    assert by_name(cases)["mask_nsd_2px"].setting == "tolerance 2 px"
    every = by_name(cases)["mask_dice_any_class"]
    assert every.note == "distances of outlines are given class by class"


def test_swapped_classes_share_nothing():
    true = [block(5), block(60, category=ABNORMAL)]
    read = [block(5, score=0.9, category=ABNORMAL), block(60, score=0.9)]
    of = values([case(true, read)])
    assert of["mask_dice"] == of["mask_iou"] == of["mask_precision"] == of["mask_dice_pooled"] == 0
    assert of["mask_dice_any_class"] == of["mask_iou_any_class"] == 1


def test_a_class_that_is_nowhere_annotated_still_costs_precision():
    of = values([case([block(5)], [*found(5), block(60, score=0.9, category=ABNORMAL)])])
    assert (of["mask_precision"], of["mask_sensitivity"], of["mask_dice"]) == (0.5, 1, 1)
    assert "mask_dice_abnormal" not in of


def test_among_many_objects_only_overlap_is_judged():
    lefts = (5, 45, 85)
    few = case([block(5), block(45)], found(5, 45), 1, **ONE_CLASS)
    many = case([block(left) for left in lefts], found(*lefts), 2, **ONE_CLASS)
    kinds = {"mask_dice", "mask_dice_pooled", "mask_iou", "mask_sensitivity", "mask_precision"}
    assert set(by_name([few, many])) == kinds
    figure = by_name([few, many])["mask_dice"]
    assert figure.note.startswith("no distances of outlines: up to 3 objects")
    assert figure.baseline is None
    assert set(by_name([few])) > kinds
    assert by_name([few])["mask_dice"].note == ""
    assert by_name([few])["mask_dice"].baseline is not None


def test_finds_below_the_threshold_do_not_count():
    cases = [case([block(5)], [*found(5), *found(60, score=0.3)])]
    assert values(cases)["mask_precision"] == 1
    assert values(cases, accept=0.2)["mask_precision"] == 0.5


def test_the_baseline_is_the_mask_that_most_images_hold():
    cases = [case([block(left)], found(left), left) for left in (5, 5, 60)]
    figure = by_name(cases)["mask_dice"]
    assert figure.baseline(np.ones((1, 3)))[0] == pytest.approx(2 / 3)
    assert figure.baseline(np.array([[0.0, 0, 1]]))[0] == 1


def test_boxes_alone_have_no_figures():
    assert figures([case([block(5, mask=False)], [block(5, score=0.9)])], 0.5) == []
    assert figures([], 0.5) == []
