import math

import numpy as np
import pytest

from polyclinic.errors import DataError
from polyclinic.sample import Sample, Spacing

FINE = Spacing.square(0.0017, "calibrated")


@pytest.mark.parametrize(
    ("before", "after", "mm"),
    [
        ((768, 1024), (384, 512), (0.0034, 0.0034)),
        ((384, 512), (768, 1024), (0.00085, 0.00085)),
        ((768, 1024), (768, 1024), (0.0017, 0.0017)),
        ((667, 1000), (333, 500), (0.0017 * 667 / 333, 0.0034)),  # rounded down
        ((667, 1000), (334, 500), (0.0017 * 667 / 334, 0.0034)),  # rounded up
        ((67, 100), (667, 1000), (0.0017 * 67 / 667, 0.00017)),  # annotated on a thumbnail
    ],
)
def test_a_picture_made_smaller_has_larger_pixels(before, after, mm):
    found = FINE.resized(before, after)
    assert (found.row_mm, found.column_mm) == pytest.approx(mm)
    assert found.origin == "calibrated"
    # The picture is as large as it was.
    assert found.row_mm * after[0] == pytest.approx(FINE.row_mm * before[0])


@pytest.mark.parametrize("after", [(384, 500), (512, 384), (1024, 768), (768, 768), (384, 520)])
def test_a_picture_that_was_cut_turned_or_squeezed_has_no_known_scale(after):
    assert not FINE.resized((768, 1024), after).known


def test_numbers_without_an_origin_are_assumed():
    given = Spacing(row_mm=0.5, column_mm=np.float32(0.25))
    assert given.known
    assert given.origin == "assumed"
    assert not Spacing().known
    assert not Spacing.unknown().known
    for row, column in ((0.5, math.nan), (math.nan, 0.5), (0, 1), (-1, 1), ("0.5", 0.5)):
        with pytest.raises(DataError, match="positive number of mm"):
            Spacing(row_mm=row, column_mm=column)


@pytest.mark.parametrize("number", [0.0017, 7, (0.5, 0.5), None])
def test_a_bare_number_is_no_scale_and_the_message_says_what_is(number):
    with pytest.raises(DataError, match=r"Spacing.square\(MM, 'assumed'\)"):
        Sample(image_id=1, size=(4, 4), spacing=number)
