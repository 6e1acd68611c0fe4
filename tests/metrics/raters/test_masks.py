import csv
from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from monai.metrics import DiceMetric
from PIL import Image

from polyclinic.errors import DataError
from polyclinic.metrics.raters.masks import (
    generalised_energy_distance,
    mean_pairwise_dice,
    pairwise_dice,
    shared_pixels,
)

SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 5))
EMPTY, LEFT, RIGHT, ALL = (
    np.array([row] * 3, bool) for row in ([0, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1])
)


@st.composite
def two_sets(draw):
    shape = draw(SHAPES)
    return [draw(arrays(bool, (draw(st.integers(1, 4)), *shape))) for _ in range(2)]


def iou_by_hand(one, other):
    union = (one | other).sum()
    return (one & other).sum() / union if union else 1.0


@given(two_sets())
def test_overlaps_are_those_of_loops(sets):
    first, second = sets
    expected = [[iou_by_hand(one, other) for other in second] for one in first]
    shared = shared_pixels(first, second)
    np.testing.assert_allclose(shared.iou, expected, atol=1e-12)
    np.testing.assert_allclose(shared.dice, 2 * shared.iou / (1 + shared.iou), atol=1e-12)


@given(two_sets())
def test_energy_distance_is_that_of_loops(sets):
    first, second = sets

    def mean_distance(some, others):
        return np.mean([1 - iou_by_hand(one, other) for one in some for other in others])

    expected = (
        2 * mean_distance(first, second)
        - mean_distance(first, first)
        - mean_distance(second, second)
    )
    distance = generalised_energy_distance(first, second)
    assert distance == pytest.approx(expected, abs=1e-9)
    assert distance == pytest.approx(generalised_energy_distance(second, first), abs=1e-9)
    assert 0 <= distance <= 2


@given(two_sets())
def test_dice_is_that_of_monai(sets):
    masks = sets[0]
    table = pairwise_dice(masks)
    metric = DiceMetric(ignore_empty=False)
    for a, b in combinations(range(len(masks)), 2):
        pair = (torch.tensor(masks[i])[None, None].float() for i in (a, b))
        assert table[a, b] == table[b, a] == pytest.approx(float(metric(*pair)), abs=1e-6)
    pairs = table[np.triu_indices(len(masks), 1)]
    np.testing.assert_equal(mean_pairwise_dice(masks), pairs.mean() if len(pairs) else np.nan)


def test_energy_distances_that_are_known():
    for expected, first, second in (
        (0, [LEFT, RIGHT], [RIGHT, LEFT]),
        (0, [LEFT], [LEFT, LEFT]),
        (0, [EMPTY], [EMPTY]),
        (2, [EMPTY], [ALL]),
        (2, [LEFT], [RIGHT]),
        (1, [LEFT], [ALL]),
        # raters who disagree by 1 with each other, and a reader that takes one side: 1 - 1/2
        (0.5, [LEFT], [LEFT, RIGHT]),
    ):
        assert generalised_energy_distance(first, second) == pytest.approx(expected)


def test_what_is_not_two_sets_of_masks_is_refused():
    with pytest.raises(DataError, match="same height"):
        shared_pixels([LEFT], [LEFT[:, :2]])
    with pytest.raises(DataError, match="no mask"):
        generalised_energy_distance([LEFT], np.zeros((0, *LEFT.shape)))


def test_cells_by_seven_raters(shared_data):
    folder = shared_data / "bubil_multirater_cells" / "ds4" / "masks"
    names = sorted(file.name for file in (folder / "crowd_1").iterdir())[:8]
    for name in names:
        masks = [np.asarray(Image.open(rater / name), bool) for rater in sorted(folder.iterdir())]
        table = pairwise_dice(masks)
        assert np.diag(table) == pytest.approx(1)
        assert 0.4 < mean_pairwise_dice(masks) < 1
        # one rater against all: the mean distance to them, twice, less their own spread
        overlaps = shared_pixels(masks, masks).iou
        alone = generalised_energy_distance(masks[:1], masks)
        assert alone == pytest.approx(2 * (1 - overlaps[0].mean()) - (1 - overlaps.mean()))
        assert generalised_energy_distance(masks, masks[::-1]) == pytest.approx(0, abs=1e-12)


def test_overlaps_with_stored_ones(shared_data):
    folder = shared_data / "bubil_multirater_cells"
    rows = csv.DictReader((folder / "iou_vs_gold.csv").read_text().splitlines())
    stored = {row["rater"]: row for row in rows if row["dataset"] == "ds1" and row["n"] == "2"}
    masks = {
        rater: [
            np.asarray(Image.open(folder / "ds1" / "masks" / rater / name), bool)
            for name in ("b04.png", "b05.png")
        ]
        for rater in ("gold", *stored)
    }
    overlaps = np.array(
        [
            shared_pixels([gold], [masks[rater][i] for rater in stored]).iou[0]
            for i, gold in enumerate(masks["gold"])
        ]
    )
    for row, mean, least in zip(stored.values(), overlaps.mean(0), overlaps.min(0), strict=True):
        assert mean == pytest.approx(float(row["iou_mean"]), abs=6e-5)
        assert least == pytest.approx(float(row["iou_min"]), abs=6e-5)
