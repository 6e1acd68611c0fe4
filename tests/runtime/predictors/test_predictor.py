"""A faster way that fails costs nothing but speed, and says so once."""

from copy import deepcopy

import numpy as np
import pytest

from polyclinic.errors import ImageError, RunError, not_finite
from polyclinic.runtime.predictors.predictor import FallingBack, SizedPredictor
from polyclinic.runtime.predictors.session import GuardedSession


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


IMAGES = [np.full((40, 48, 3), shade, np.uint8) for shade in range(40)]


class Counting:
    """Answers with the grey of an image, in its own name; fails on some, as it is told."""

    shares_passes = False

    def __init__(self, precision, failures=None):
        self.precision, self.failures, self.seen = precision, failures or {}, []

    def predict(self, images, least):
        for image in images:
            shade = int(image[0, 0, 0])
            self.seen.append(shade)
            if shade in self.failures:
                raise self.failures[shade]
        return [{"task": {"shade": image[0, 0], "by": self.precision}} for image in images]


def falling_back(failures, plain_failures=None):
    said, plain = [], Counting("torch fp32", plain_failures)
    fast = Counting("openvino bf16", failures)
    return FallingBack(fast, lambda: plain, said.append), fast, plain, said


def test_what_works_is_read_fast():
    reader, _, plain, said = falling_back({})
    found = reader.predict(IMAGES, 0.0)
    assert {one["task"]["by"] for one in found} == {"openvino bf16"}
    assert not plain.seen
    assert not said
    assert reader.precision == "openvino bf16"


@pytest.mark.parametrize("error", [RuntimeError("broken\nmore"), MemoryError(), RunError("gone")])
def test_from_the_image_on_that_fails_all_are_read_plainly(error):
    reader, fast, plain, said = falling_back({37: error})
    found = reader.predict(IMAGES, 0.0)
    assert [int(one["task"]["shade"][0]) for one in found] == list(range(40))
    assert [one["task"]["by"] for one in found] == ["openvino bf16"] * 37 + ["torch fp32"] * 3
    assert fast.seen == list(range(38))
    assert plain.seen == [37, 38, 39]
    [line] = said
    assert "openvino bf16 failed" in line
    assert "more" not in line


def test_an_image_without_a_finite_answer_is_looked_at_plainly_alone():
    reader, fast, plain, said = falling_back({3: not_finite("grades")})
    reader.predict(IMAGES, 0.0)
    assert fast.seen == list(range(40))
    assert plain.seen == [3]
    assert not said


def test_an_image_that_no_way_can_read_is_an_error_of_that_image():
    reader, *_ = falling_back({3: not_finite("grades")}, {3: not_finite("grades")})
    with pytest.raises(ImageError, match="not finite"):
        reader.predict(IMAGES[3:4], 0.0)
    assert reader.predict(IMAGES[4:5], 0.0)[0]["task"]["by"] == "openvino bf16"


def test_a_copy_fails_by_itself():
    reader, *_ = falling_back({0: RuntimeError("broken")})
    other = deepcopy(reader)
    reader.predict(IMAGES[:1], 0.0)
    assert reader.failed
    assert not other.failed


class Failing:
    def run(self, feeds):
        raise RuntimeError("could not create a primitive\nfar below")


def test_a_runtime_that_fails_is_named_with_its_graph():
    session = GuardedSession(Failing(), "openvino bf16: running the graph whole")
    with pytest.raises(RunError, match=r"graph whole failed: could not create.*--precision fp32"):
        session.run({})
