import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.data.augment import FrameConfig


@pytest.mark.parametrize(
    ("frame", "size", "fitted"),
    [
        (FrameConfig(longest=384), (768, 1024), (288, 384)),
        (FrameConfig(longest=384), (1024, 768), (384, 288)),
        (FrameConfig(longest=384), (100, 100), (384, 384)),
        (FrameConfig(longest=1024, shortest=1024), (768, 1024), (768, 1024)),
        (FrameConfig(longest=1333, shortest=800), (600, 800), (800, 1067)),
        (FrameConfig(longest=1333, shortest=800), (400, 1600), (333, 1333)),
        (FrameConfig(longest=64), (1, 20_000), (1, 64)),
    ],
)
def test_fit(frame, size, fitted):
    assert frame.fit(size) == fitted


@given(
    st.tuples(st.integers(1, 20_000), st.integers(1, 20_000)),
    st.integers(64, 2048),
    st.none() | st.integers(32, 2048),
)
def test_a_side_meets_its_limit_and_none_exceeds_it(size, longest, shortest):
    height, width = FrameConfig(longest=longest, shortest=shortest).fit(size)
    assert max(height, width) <= longest
    assert shortest is None or min(height, width) <= shortest
    assert max(height, width) == longest or min(height, width) == shortest
    scale = FrameConfig(longest=longest, shortest=shortest).scale(size)
    assert height == pytest.approx(max(1, size[0] * scale), abs=0.51)
    assert width == pytest.approx(max(1, size[1] * scale), abs=0.51)
