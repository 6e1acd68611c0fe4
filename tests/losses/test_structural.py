import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchmetrics.functional.image import structural_similarity_index_measure

from polyclinic.losses import inside_images, structural_loss
from polyclinic.metrics.restoration import ssim


def pair(seed, shape, dtype=torch.float64):
    """Images with smooth and rough parts, and others that are more or less like them."""
    rng = torch.Generator().manual_seed(seed)
    wanted = torch.rand(shape, generator=rng, dtype=dtype)
    wanted[..., shape[-1] // 2 :] = wanted.mean()
    strength = torch.rand((), generator=rng, dtype=dtype)
    noise = strength * torch.randn(shape, generator=rng, dtype=dtype)
    return (wanted + noise).clamp(0, 1), wanted


def oracle(found, wanted):
    """scikit-image, through the metric that readings are judged by."""
    left, right = (one.permute(1, 2, 0).numpy() for one in (found, wanted))
    return 1 - ssim(left, right, data_range=1.0)


@settings(max_examples=25)
@given(st.integers(0, 999), st.integers(1, 3), st.integers(11, 30), st.integers(11, 30))
def test_agrees_with_scikit_image_and_torchmetrics(seed, channels, height, width):
    found, wanted = pair(seed, (2, channels, height, width))
    loss = structural_loss(found, wanted)
    pairs = zip(found, wanted, strict=True)
    np.testing.assert_allclose(loss, [oracle(*one) for one in pairs], atol=1e-9)
    _, full = structural_similarity_index_measure(
        found, wanted, data_range=1.0, reduction="none", return_full_image=True
    )
    # torchmetrics counts reflected borders too.
    within = full[..., 5:-5, 5:-5].mean((1, 2, 3))
    np.testing.assert_allclose(loss, 1 - within, atol=1e-9)


@settings(max_examples=25)
@given(st.integers(0, 999), st.integers(0, 24), st.integers(0, 24))
def test_padding_counts_nothing_whatever_it_holds(seed, height, width):
    found, wanted = pair(seed, (1, 2, 24, 24))
    inside = inside_images([(height, width)], (24, 24))
    padded = torch.where(inside[:, None], found, float("nan")).requires_grad_()
    loss = structural_loss(padded, wanted, inside=inside)
    loss.sum().backward()
    assert padded.grad.isfinite().all()
    assert not padded.grad[~inside[:, None].expand_as(padded)].any()
    if min(height, width) < 11:
        assert loss.tolist() == [0]
        assert not padded.grad.any()
    else:
        parts = (one[0, :, :height, :width] for one in (found, wanted))
        assert loss.item() == pytest.approx(oracle(*parts), abs=1e-9)


def test_a_batch_is_as_its_images():
    found, wanted = pair(3, (3, 3, 20, 22))
    sizes = [(20, 22), (12, 22), (20, 5)]
    together = structural_loss(found, wanted, inside=inside_images(sizes, (20, 22)))
    alone = [
        structural_loss(found[i, None, :, :h, :w], wanted[i, None, :, :h, :w])[0]
        for i, (h, w) in enumerate(sizes)
    ]
    torch.testing.assert_close(together, torch.stack(alone))


def test_equal_images_cost_nothing_and_opposite_ones_more_than_one():
    found, wanted = pair(4, (2, 3, 16, 16))
    assert structural_loss(wanted, wanted).tolist() == pytest.approx([0, 0], abs=1e-12)
    rough = wanted[..., :11]
    assert (structural_loss(1 - rough, rough) > 1).all()
    assert (structural_loss(found, wanted) <= 2).all()


def test_a_frame_without_room_for_a_window_costs_nothing():
    found, wanted = pair(5, (2, 3, 10, 40))
    loss = structural_loss(found.requires_grad_(), wanted)
    loss.sum().backward()
    assert loss.tolist() == [0, 0]
    assert not found.grad.any()


def test_its_slope_is_right():
    found, wanted = pair(6, (2, 2, 12, 13))
    found = found.requires_grad_()
    inside = inside_images([(12, 13), (11, 12)], (12, 13))
    assert torch.autograd.gradcheck(structural_loss, (found, wanted))
    assert torch.autograd.gradcheck(lambda x: structural_loss(x, wanted, inside=inside), found)


def test_bright_flat_images_keep_their_digits():
    """Means of squares and squares of means differ by what float32 hardly holds."""
    rng = torch.Generator().manual_seed(7)
    wanted = 0.97 + 0.002 * torch.randn(1, 3, 64, 64, generator=rng, dtype=torch.float64)
    found = wanted + 0.01 * torch.randn(1, 3, 64, 64, generator=rng, dtype=torch.float64)
    exact = structural_loss(found, wanted)
    rough = structural_loss(found.float(), wanted.float())
    torch.testing.assert_close(rough.double(), exact, rtol=0, atol=1e-4)


def test_autocast_changes_nothing():
    found, wanted = pair(8, (2, 3, 24, 24), torch.float32)
    plain = structural_loss(found, wanted)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(structural_loss(found, wanted), plain)
        half = structural_loss(found.bfloat16(), wanted)
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, plain, rtol=0, atol=0.02)


def test_descent_makes_images_alike():
    found, wanted = pair(9, (1, 1, 24, 24))
    found = found.clone().requires_grad_()
    optimiser = torch.optim.Adam([found], 0.03)
    first = structural_loss(found, wanted).item()
    for _ in range(60):
        optimiser.zero_grad()
        structural_loss(found, wanted).sum().backward()
        optimiser.step()
    assert structural_loss(found, wanted).item() < 0.1 * first
