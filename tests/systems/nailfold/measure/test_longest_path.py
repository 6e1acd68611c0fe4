import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.sparse.csgraph import dijkstra

from polyclinic.systems.nailfold.measure.centreline import longest_path
from polyclinic.systems.nailfold.measure.thinning import thin
from tests.systems.nailfold.measure.hairpins import Hairpin, at, placed

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=14), elements=st.booleans())


def distances(skeleton, start):
    """Along the pixels, from a row of `np.nonzero` to all (scipy)."""
    pixels = np.argwhere(skeleton)
    apart = np.linalg.norm(pixels[:, None] - pixels, axis=2)
    return dijkstra(np.where(apart < 1.5, apart, 0), indices=start)


def length(skeleton, path):
    return np.linalg.norm(np.diff(np.argwhere(skeleton)[path], axis=0), axis=1).sum()


def check(skeleton):
    path = longest_path(skeleton)
    assert len(set(path.tolist())) == len(path)
    steps = np.abs(np.diff(np.argwhere(skeleton)[path], axis=0))
    assert (steps.max(1) == 1).all() if len(path) > 1 else path[0] == 0
    from_first = distances(skeleton, 0)
    far = from_first[np.isfinite(from_first)].max()
    assert from_first[path[-1]] == pytest.approx(far)
    from_end = distances(skeleton, path[-1])
    assert length(skeleton, path) == pytest.approx(from_end[np.isfinite(from_end)].max())


@given(masks.filter(np.any))
def test_two_sweeps_over_whatever_thinning_leaves(mask):
    check(thin(mask))


@given(masks.filter(np.any))
def test_pixels_that_form_no_tree(mask):
    check(mask)


@pytest.mark.parametrize("degrees", range(0, 360, 24))
def test_hairpins(degrees):
    full = placed(Hairpin(), at(80.2, 79.7, degrees), (160, 160)).mask.array()
    check(thin(full))


def test_the_earlier_of_two_ends_equally_far():
    vee = np.zeros((5, 9), bool)
    vee[range(5), range(4, 9)] = vee[range(5), range(4, -1, -1)] = True
    path = longest_path(vee)
    rows = np.argwhere(vee)[path]
    assert rows[-1].tolist() == [4, 0]
    assert len(path) == 9
