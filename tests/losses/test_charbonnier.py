import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.losses import charbonnier, inside_images


def pair(seed, shape, dtype=torch.float64):
    rng = torch.Generator().manual_seed(seed)
    return torch.rand(2, *shape, generator=rng, dtype=dtype)


@given(st.integers(0, 999), st.integers(1, 3), st.integers(1, 9), st.floats(1e-6, 1))
def test_agrees_with_the_published_equation(seed, channels, side, eps):
    found, wanted = pair(seed, (2, channels, side, side + 1))
    terms = np.sqrt((found.numpy() - wanted.numpy()) ** 2 + eps**2)
    loss = charbonnier(found, wanted, eps=eps)
    np.testing.assert_allclose(loss.numpy(), terms.mean((1, 2, 3)))


def test_equal_images_cost_epsilon():
    found, _ = pair(0, (2, 3, 4, 5))
    torch.testing.assert_close(charbonnier(found, found), torch.full((2,), 1e-3).double())


def test_padding_counts_nothing_whatever_it_holds():
    found, wanted = pair(1, (3, 3, 6, 7))
    sizes = [(4, 5), (6, 7), (0, 0)]
    inside = inside_images(sizes, (6, 7))
    found = torch.where(inside[:, None], found, float("nan")).requires_grad_()
    loss = charbonnier(found, wanted, inside=inside)
    alone = [
        charbonnier(found[i, None, :, :h, :w], wanted[i, None, :, :h, :w])[0]
        for i, (h, w) in enumerate(sizes[:2])
    ]
    torch.testing.assert_close(loss, torch.stack([*alone, torch.zeros(()).double()]))
    loss.sum().backward()
    assert found.grad.isfinite().all()
    assert not found.grad[~inside[:, None].expand_as(found)].any()


def test_its_slope_is_right():
    found, wanted = pair(2, (2, 2, 3, 4))
    found = found.requires_grad_()
    inside = inside_images([(2, 4), (3, 3)], (3, 4))
    assert torch.autograd.gradcheck(charbonnier, (found, wanted))
    assert torch.autograd.gradcheck(lambda x: charbonnier(x, wanted, inside=inside), found)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_computed_in_full(dtype):
    found, wanted = (one.to(dtype) for one in pair(3, (2, 3, 8, 8)))
    loss = charbonnier(found, wanted)
    assert torch.equal(loss, charbonnier(found.float(), wanted.float()))
    assert charbonnier(found, found).tolist() == pytest.approx([1e-3] * 2)
