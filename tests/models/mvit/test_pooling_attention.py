"""Pooling attention against one that is written query by query."""

import pytest
import torch
from torch import Tensor

from polyclinic.models.mvit.plan import BlockPlan
from polyclinic.models.mvit.pooling_attention import Pool, PoolingAttention
from tests.models.mvit.networks import randomise


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
