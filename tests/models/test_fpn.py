import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.models.fpn import FeaturePyramid


@settings(max_examples=20, deadline=None)
@given(
    height=st.integers(1, 150),
    width=st.integers(1, 150),
    channels=st.sampled_from([8, 12, 16]),
    finest=st.sampled_from([1, 2]),
)
def test_levels_of_one_width_with_ceil_sizes(height, width, channels, finest):
    exponents = range(finest, 6)
    maps = [torch.rand(2, 3 + n, -(-height // 2**n), -(-width // 2**n)) for n in exponents]
    pyramid = FeaturePyramid([3 + n for n in exponents], channels, finest=f"p{finest}")
    with torch.no_grad():
        levels = pyramid(maps)
    assert list(levels) == list(pyramid.strides) == [f"p{n}" for n in range(finest, 7)]
    for name, stride in pyramid.strides.items():
        assert levels[name].shape == (2, channels, -(-height // stride), -(-width // stride))


def test_p6_is_every_second_cell_of_p5():
    levels = FeaturePyramid((4, 4, 4, 4), 8)([torch.rand(1, 4, 2**n, 2**n) for n in (6, 5, 4, 3)])
    assert torch.equal(levels["p6"], levels["p5"][..., ::2, ::2])


def test_coarse_maps_reach_fine_levels_but_not_the_other_way():
    pyramid = FeaturePyramid((4, 4, 4, 4), 8)
    maps = [torch.rand(1, 4, 2**n, 2**n, requires_grad=True) for n in (6, 5, 4, 3)]
    pyramid(maps)["p4"].sum().backward()
    assert [m.grad is not None and bool(m.grad.any()) for m in maps] == [False, False, True, True]


def test_a_wrong_number_of_maps_is_an_error():
    with pytest.raises(ValueError, match="shorter"):
        FeaturePyramid((4, 4, 4, 4), 8)([torch.rand(1, 4, 8, 8)] * 3)
