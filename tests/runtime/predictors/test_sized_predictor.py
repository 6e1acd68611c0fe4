"""Graphs of one size, with something else for other sizes."""

import numpy as np

from polyclinic.runtime.predictors.sized_predictor import SizedPredictor


class Said:
    """Answers with its name."""

    shares_passes = False

    def __init__(self, precision):
        self.precision = precision

    def predict(self, images, least):
        return [{"task": {"by": np.array(self.precision), "least": least}} for _ in images]


def test_each_image_goes_where_its_size_is_taken():
    opened = []

    def other():
        opened.append(True)
        return Said("plain")

    both = SizedPredictor(Said("fast"), (40, 60), other)
    one, two = np.zeros((40, 60, 3), np.uint8), np.zeros((60, 40, 3), np.uint8)
    assert [str(f["task"]["by"]) for f in both.predict([one, one], 0.5)] == ["fast", "fast"]
    assert not opened
    found = both.predict([two, one, two], 0.5)
    assert [str(f["task"]["by"]) for f in found] == ["plain", "fast", "plain"]
    assert found[0]["task"]["least"] == 0.5
    assert len(opened) == 1
    assert both.precision == "fast"
