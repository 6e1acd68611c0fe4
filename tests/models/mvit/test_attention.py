"""Pooling attention against one that is written query by query."""

from copy import deepcopy
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from polyclinic.models.mvit.attention import (
    AxisPositions,
    Pool,
    PoolingAttention,
    cut_windows,
    join_windows,
    position_marks,
    position_scores,
    relative_rows,
)
from polyclinic.models.mvit.plan import BlockPlan
from tests.models.mvit.networks import randomise

sizes = st.integers(1, 17)


sides = st.integers(1, 8)


@given(height=sizes, width=sizes, high=sides, wide=sides, heads=st.integers(1, 3))
def test_joining_undoes_cutting(height, width, high, wide, heads):
    cells = torch.arange(2.0 * height * width * heads * 3).reshape(2, height, width, heads, 3)
    windows = cut_windows(cells, (high, wide))
    number = 2 * heads * -(-height // high) * -(-width // wide)
    assert windows.shape == (number, high, wide, 3)
    assert torch.equal(join_windows(windows, heads, (height, width)), cells.flatten(3))


def test_a_window_is_of_one_head():
    cells = torch.stack([torch.full((2, 4), 1.0), torch.full((2, 4), 2.0)], -1)[None, ..., None]
    assert [set(one.flatten().tolist()) for one in cut_windows(cells, (2, 2))] == [{1}, {2}] * 2


def test_windows_are_neighbourhoods_filled_up_with_zeros():
    cells = torch.arange(1.0, 10.0).reshape(1, 3, 3, 1, 1)
    windows = cut_windows(cells, (2, 2))[..., 0].tolist()
    assert windows == [[[1, 2], [4, 5]], [[3, 0], [6, 0]], [[7, 8], [0, 0]], [[9, 0], [0, 0]]]


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


def _plan(q_stride: int, kv_stride: int, window: int | None) -> BlockPlan:
    return BlockPlan(
        stage=1,
        ends_stage=False,
        channels_in=6,
        channels_out=8,
        heads=2,
        q_stride=q_stride,
        kv_stride=kv_stride,
        window=window,
        table_cells=4,
        drop_path=0.0,
    )


def _one_by_one(attention: PoolingAttention, cells: Tensor, window: int | None) -> Tensor:
    """Attend with loops over images, heads and queries; padding keys are zeros that count."""
    batch, height, width, _ = cells.shape
    qkv = attention.qkv(cells).reshape(batch, height, width, 3, attention.heads, -1)
    gathered = []
    for image in range(batch):
        heads = []
        for head in range(attention.heads):
            q, k, v = (
                pool(qkv[image : image + 1, :, :, part, head])[0, :, :, 0]
                for part, pool in enumerate((attention.pool_q, attention.pool_k, attention.pool_v))
            )
            heads.append(_one_head(attention, q, k, v, window, (height, width)))
        gathered.append(torch.cat(heads, dim=-1))
    return attention.out(torch.stack(gathered))


def _one_head(attention, q, k, v, window, size) -> Tensor:
    channels = q.shape[-1]
    # Without windows one window holds everything, at the exact size of the pooled maps.
    q_side = (attention.q_side,) * 2 if window else q.shape[:2]
    k_side = (attention.k_side,) * 2 if window else k.shape[:2]
    rows = attention.rows(q_side[0], k_side[0])
    columns = attention.columns(q_side[1], k_side[1])
    result = torch.zeros_like(q)
    for y in range(q.shape[0]):
        for x in range(q.shape[1]):
            top, left = y // q_side[0] * k_side[0], x // q_side[1] * k_side[1]
            scores, values = [], []
            for i in range(k_side[0]):
                for j in range(k_side[1]):
                    inside = top + i < k.shape[0] and left + j < k.shape[1]
                    key = k[top + i, left + j] if inside else torch.zeros(channels)
                    vector = rows[y % q_side[0], i] + columns[x % q_side[1], j]
                    scores.append(q[y, x] @ key / channels**0.5 + q[y, x] @ vector)
                    values.append(v[top + i, left + j] if inside else torch.zeros(channels))
            weights = torch.stack(scores).softmax(0)
            result[y, x] = weights @ torch.stack(values) + q[y, x]
    return result


@pytest.mark.parametrize(
    ("q_stride", "kv_stride", "window"),
    [(1, 1, None), (2, 1, None), (1, 4, None), (2, 2, 4), (1, 4, 4), (2, 1, 2)],
)
def test_agrees_with_attention_written_query_by_query(q_stride, kv_stride, window):
    attention = PoolingAttention(_plan(q_stride, kv_stride, window))
    randomise(attention)
    cells = torch.randn(2, 5, 7, 6, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = _one_by_one(attention, cells, window)
        torch.testing.assert_close(attention(cells), expected, rtol=1e-4, atol=1e-5)


def test_windows_do_not_matter_where_one_holds_the_whole_map():
    windowed, whole = PoolingAttention(_plan(2, 2, 8)), PoolingAttention(_plan(2, 2, None))
    randomise(windowed)
    whole.load_state_dict(windowed.state_dict())
    cells = torch.randn(1, 8, 8, 6)
    torch.testing.assert_close(windowed(cells), whole(cells))


@pytest.mark.parametrize("stride", [1, 2])
def test_pooling_keeps_the_type_of_its_maps_and_learns(stride):
    torch.manual_seed(0)
    pool, maps = Pool(8, stride), torch.rand(2, 9, 7, 8)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = pool(maps.bfloat16())
    assert rounded.dtype == torch.bfloat16
    assert rounded.shape[3:] == (1, 8)
    torch.testing.assert_close(rounded.float(), pool(maps), atol=0.05, rtol=0.05)
    rounded.float().square().sum().backward()
    assert pool.conv.weight.grad.dtype == torch.float32
