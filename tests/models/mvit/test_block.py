import pytest
import torch

from polyclinic.models.mvit.block import MViTBlock
from polyclinic.models.mvit.plan import plan_blocks
from tests.models.mvit.networks import SMALL, randomise

PLANS = plan_blocks(SMALL.model_copy(update={"drop_path": 0.9}))


@pytest.mark.parametrize("plan", PLANS)
def test_a_block_changes_stride_and_channels_as_planned(plan):
    block = MViTBlock(plan, mlp_ratio=2).eval()
    cells = block(torch.randn(2, 9, 6, plan.channels_in))
    size = (5, 3) if plan.q_stride == 2 else (9, 6)
    assert cells.shape == (2, *size, plan.channels_out)


def test_a_dropped_block_passes_its_skip_on():
    block = MViTBlock(PLANS[-1], mlp_ratio=2).train()
    randomise(block)
    torch.manual_seed(0)
    cells = torch.randn(64, 3, 3, PLANS[-1].channels_in)
    with torch.no_grad():
        same = (block(cells) == cells).flatten(1).all(1)
    # Both branches are dropped with probability 0.81.
    assert 40 <= same.sum() <= 62


def test_the_widened_skip_reads_the_normalised_input():
    plan = PLANS[1]
    block = MViTBlock(plan, mlp_ratio=2).eval()
    cells = torch.randn(1, 8, 8, plan.channels_in)
    with torch.no_grad():
        block.norm_attention.bias.zero_()
        torch.testing.assert_close(block(cells), block(5 * cells), rtol=1e-3, atol=1e-4)
