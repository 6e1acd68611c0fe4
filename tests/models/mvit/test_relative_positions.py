from copy import deepcopy
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.models.mvit.relative_positions import (
    AxisPositions,
    position_marks,
    position_scores,
    relative_rows,
)

cells = st.integers(1, 40)


@given(q_cells=cells, k_cells=cells)
def test_rows_follow_the_published_formula(q_cells, k_cells):
    q_step = max(Fraction(k_cells, q_cells), Fraction(1))
    k_step = max(Fraction(q_cells, k_cells), Fraction(1))
    expected = [
        [int(q * q_step - k * k_step + (k_cells - 1) * k_step) for k in range(k_cells)]
        for q in range(q_cells)
    ]
    assert relative_rows(q_cells, k_cells).tolist() == expected


@given(q_cells=cells, k_cells=cells)
def test_rows_stay_within_the_table(q_cells, k_cells):
    rows = relative_rows(q_cells, k_cells)
    assert rows.min() >= 0
    assert rows.max() <= 2 * max(q_cells, k_cells) - 2


def test_equal_distances_share_a_row():
    rows = relative_rows(5, 5)
    assert torch.equal(rows[1:, 1:], rows[:-1, :-1])
    assert rows.unique().numel() == 9


def test_positions_start_without_preference():
    assert not AxisPositions(4, 3)(4, 4).any()


def test_a_linear_table_stays_linear_at_other_sizes():
    positions = AxisPositions(8, 1)
    positions.table.data = torch.linspace(-7, 7, 15)[:, None]
    vectors = positions(16, 16)[..., 0].detach()
    assert vectors.shape == (16, 16)
    step = vectors[9, 8] - vectors[8, 8]
    assert step.item() == pytest.approx(15 / 31, abs=1e-6)
    assert vectors[8, 8].item() == pytest.approx(0, abs=1e-6)


def test_a_table_of_another_length_is_kept():
    positions, longer = AxisPositions(4, 3), AxisPositions(9, 3)
    longer.table.data.normal_()
    positions.load_state_dict(longer.state_dict())
    assert torch.equal(positions.table, longer.table)
    assert positions.table.requires_grad


def test_a_table_of_another_width_is_refused():
    with pytest.raises(RuntimeError, match="size mismatch"):
        AxisPositions(4, 3).load_state_dict(AxisPositions(4, 5).state_dict())


def test_scores_times_marks_is_the_sum_for_row_and_column():
    rows, columns = AxisPositions(4, 6), AxisPositions(4, 6)
    rows.table.data.normal_()
    columns.table.data.normal_()
    q, k = torch.randn(2, 3, 4, 6), torch.randn(2, 2, 3, 6)
    scores = position_scores(q, (2, 3), rows, columns)
    bias = torch.einsum("nhwc,nijc->nhwij", scores, position_marks(k))
    expected = (
        torch.einsum("nhwc,hic->nhwi", q, rows(3, 2))[..., None]
        + torch.einsum("nhwc,wjc->nhwj", q, columns(4, 3))[..., None, :]
    )
    torch.testing.assert_close(bias, expected)


def test_a_copy_loads_into_itself():
    original, longer = AxisPositions(4, 3), AxisPositions(9, 3)
    copy = deepcopy(original)
    copy.load_state_dict(longer.state_dict())
    assert copy.table.shape == (17, 3)
    assert original.table.shape == (7, 3)
