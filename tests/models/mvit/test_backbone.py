import pytest
import timm
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from polyclinic.models.mvit import MViT, MViTConfig
from polyclinic.models.mvit.backbone import MViTBlock
from polyclinic.models.mvit.plan import plan_blocks
from polyclinic.models.mvit.weights import load_mvit_weights
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


@pytest.fixture(scope="module")
def small() -> MViT:
    network = MViT(SMALL).eval()
    randomise(network)
    return network


def test_equals_timm_at_224_without_windows(tmp_path):
    theirs = timm.create_model("mvitv2_tiny", pretrained=False).double().eval()
    randomise(theirs)
    save_file(theirs.state_dict(), tmp_path / "timm.safetensors")
    ours = MViT(MViTConfig.tiny_classifier()).double().eval()
    load_mvit_weights(ours, tmp_path / "timm.safetensors")
    images = torch.rand(1, 3, 224, 224, dtype=torch.float64)
    with torch.no_grad():
        maps = ours(images)
        expected = theirs.forward_intermediates(ours.normalise(images), intermediates_only=True)
    assert len(maps) == 4
    for found, stage in zip(maps, expected, strict=True):
        # Our maps leave through a norm of their own, still at its initial ones and zeros.
        channels_last = stage.permute(0, 2, 3, 1)
        normed = F.layer_norm(channels_last, channels_last.shape[-1:], eps=1e-6)
        torch.testing.assert_close(found, normed.permute(0, 3, 1, 2), rtol=1e-9, atol=1e-9)


def test_windows_do_not_matter_where_the_first_holds_the_whole_image():
    windowed = MViT(SMALL.model_copy(update={"global_kv_factor": 1})).eval()
    randomise(windowed)
    whole = MViT(SMALL.model_copy(update={"global_kv_factor": 1, "window": None})).eval()
    whole.load_state_dict(windowed.state_dict())
    fits, exceeds = torch.rand(1, 3, 224, 224), torch.rand(1, 3, 224, 288)
    with torch.no_grad():
        for found, expected in zip(windowed(fits), whole(fits), strict=True):
            torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
        assert not torch.allclose(windowed(exceeds)[0], whole(exceeds)[0], atol=1e-3)


@settings(max_examples=15, deadline=None)
@given(height=st.integers(1, 140), width=st.integers(1, 140))
def test_maps_have_ceil_sizes(small, height, width):
    with torch.no_grad():
        maps = small(torch.rand(1, 3, height, width))
    assert [tuple(m.shape) for m in maps] == [
        (1, channels, -(-height // stride), -(-width // stride))
        for channels, stride in zip(small.channels, small.strides, strict=True)
    ]
    assert all(m.isfinite().all() for m in maps)


def test_a_batch_is_read_as_its_images_one_by_one(small):
    images = torch.rand(3, 3, 101, 67)
    with torch.no_grad():
        together, apart = small(images), [small(image[None]) for image in images]
    for level, found in enumerate(together):
        expected = torch.cat([maps[level] for maps in apart])
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_gradients_reach_every_parameter(small):
    small.zero_grad()
    # A larger map than the window, so that tables are used at their own and at other lengths.
    sum(m.square().sum() for m in small(torch.rand(1, 3, 101, 256))).backward()
    idle = [name for name, p in small.named_parameters() if p.grad is None or not p.grad.any()]
    assert idle == []


def test_recomputing_blocks_changes_no_gradient():
    config = SMALL.model_copy(update={"drop_path": 0.5})
    kept, recomputed = MViT(config), MViT(config.model_copy(update={"checkpoint": True}))
    randomise(kept)
    recomputed.load_state_dict(kept.state_dict())
    images = torch.rand(2, 3, 64, 64)
    for network in (kept, recomputed):
        torch.manual_seed(0)
        sum(m.square().sum() for m in network(images)).backward()
    for first, second in zip(kept.parameters(), recomputed.parameters(), strict=True):
        torch.testing.assert_close(first.grad, second.grad)


def test_initial_weights_are_small_and_positions_zero():
    state = MViT(SMALL).state_dict()
    assert not any(value.any() for name, value in state.items() if name.endswith(".table"))
    assert state["blocks.3.mlp.0.weight"].std() == pytest.approx(0.02, rel=0.1)
    assert not state["blocks.3.mlp.0.bias"].any()


def test_half_precision_stays_close(small):
    images = torch.rand(1, 3, 96, 128)
    with torch.no_grad():
        exact = small(images)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rough = small(images)
    for found, expected in zip(rough, exact, strict=True):
        error = (found.float() - expected).square().mean().sqrt()
        assert 0 < error < 0.02 * expected.square().mean().sqrt()
