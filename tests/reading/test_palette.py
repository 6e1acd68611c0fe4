from __future__ import annotations

import numpy as np

from polyclinic.reading.palette import as_hex, class_colour


def test_twenty_classes_have_twenty_colours() -> None:
    colours = np.array([class_colour(index) for index in range(20)])
    apart = np.abs(colours[:, None] - colours[None]).sum(-1) + 999 * np.eye(20, dtype=int)
    assert apart.min() > 25
    assert colours.min() >= 0
    assert colours.max() <= 255


def test_no_class_looks_like_the_first() -> None:
    assert class_colour(None) == class_colour(0)
    assert as_hex(class_colour(0)) == "#56b4e9"
