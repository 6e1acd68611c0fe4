"""Small masks of every kind, empty ones and those that touch the edge among them."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

SHAPES = st.tuples(st.integers(1, 30), st.integers(1, 30))
SPACINGS = st.tuples(st.floats(0.1, 5), st.floats(0.1, 5))


@st.composite
def regions(draw, shape):
    """A mask of blocks, of noise, of one pixel, full or empty."""
    kind = draw(st.sampled_from(["blocks", "blocks", "noise", "pixel", "full", "empty"]))
    region = np.full(shape, kind == "full")
    if kind == "noise":
        return draw(arrays(bool, shape))
    for _ in range({"blocks": draw(st.integers(1, 3)), "pixel": 1}.get(kind, 0)):
        top, left = (draw(st.integers(0, side - 1)) for side in shape)
        height, width = (1, 1) if kind == "pixel" else draw(SHAPES)
        region[top : top + height, left : left + width] = True
    return region


@st.composite
def pairs(draw):
    """Two masks of one shape."""
    shape = draw(SHAPES)
    return draw(regions(shape)), draw(regions(shape))
