import cv2
import numpy as np

from polyclinic.measure.width_map import WidthMap


def test_digits_do_not_depend_on_where_the_mask_lies_in_memory():
    rng = np.random.default_rng(0)
    soft = cv2.GaussianBlur(rng.random((60, 50), np.float32), (0, 0), 6)
    mask = soft > np.median(soft)
    first = WidthMap.of(mask, 0, 0).distance
    kept = []  # so that the next ones lie elsewhere
    for size in range(1, 60):
        kept.append(np.empty(size * 16 + 4, np.uint8))
        assert np.array_equal(WidthMap.of(mask, 0, 0).distance, first)
    assert first.max() > 1
