"""Words below a picture, whatever stands in them."""

import numpy as np
import pytest

from polyclinic.reading import Reading
from polyclinic.reading.draw import draw_reading
from polyclinic.sample import Instance


@pytest.mark.parametrize("name", ["a\rb", "a\nb", "a\x00b", "a\u2028b", "a\tb", "\ud800"])
def test_names_with_controls_are_drawn_as_with_spaces(name):
    def drawn(word):
        found = Instance(box=np.array([2.0, 2, 30, 20]), category=0, score=0.9)
        reading = Reading(image_id=word, size=(40, 40), classes=(word,), instances=(found,))
        return draw_reading(np.zeros((40, 40, 3), np.uint8), reading)

    shown = "".join(one if one.isprintable() else " " for one in name)
    assert np.array_equal(drawn(name), drawn(shown))
