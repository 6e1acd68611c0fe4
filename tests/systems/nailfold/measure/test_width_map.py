import cv2
import numpy as np

from polyclinic.systems.nailfold.measure.width_map import to_edge


def lying_at(mask, offset):
    """A copy so many bytes beyond a multiple of 64."""
    memory = np.empty(mask.nbytes + 128, np.uint8)
    first = -memory.ctypes.data % 64 + offset
    copy = memory[first : first + mask.nbytes].reshape(mask.shape)
    copy[:] = mask
    return copy


def test_digits_do_not_depend_on_where_the_mask_lies_in_memory():
    rng = np.random.default_rng(0)
    for _ in range(40):
        soft = cv2.GaussianBlur(rng.random(rng.integers(20, 160, 2), np.float32), (0, 0), 6)
        mask = (soft >= np.median(soft)).astype(np.uint8)
        first = to_edge(lying_at(mask, 0))
        for offset in (1, 4, 16, 17, 20, 32, 44, 63):
            assert np.array_equal(to_edge(lying_at(mask, offset)), first)


def test_other_users_of_the_primitives_keep_them():
    before = cv2.ipp.useIPP()
    to_edge(np.ones((3, 3), np.uint8))
    assert cv2.ipp.useIPP() == before
