import numpy as np
import pytest

from polyclinic.data.augment import lookup
from polyclinic.data.augment.lookup import look_up

SHAPES = [(4, 5, 3), (512, 512, 3), (700, 900, 3), (701, 901, 3), (1024, 1024, 1)]


def drawn(*shape):
    return np.random.default_rng(sum(shape)).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("two_at_once", [True, False])
def test_every_level_is_replaced(shape, two_at_once, monkeypatch):
    if not two_at_once:
        monkeypatch.setattr(lookup, "LOOKS_UP_16_BITS", False)
    image, tables = drawn(*shape), drawn(256, shape[2])
    kept = image.copy()
    assert np.array_equal(look_up(image, tables[:, :1]), tables[:, 0][image])
    each = np.stack([tables[image[..., c], c] for c in range(shape[2])], -1)
    assert np.array_equal(look_up(image, tables), each)
    assert np.array_equal(image, kept)


def test_a_part_of_an_image():
    image, table = drawn(1000, 1000, 3), drawn(256, 1)
    assert np.array_equal(look_up(image[:, 100:], table), table[:, 0][image[:, 100:]])
