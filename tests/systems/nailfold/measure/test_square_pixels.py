"""Pixels that are higher than wide must not change what is measured on a mask."""

from dataclasses import replace

import numpy as np
import pytest

from polyclinic.geometry import Homography
from polyclinic.reading import Reading
from polyclinic.sample import Mask, Spacing
from polyclinic.schema.nailfold import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS
from polyclinic.systems.nailfold.measure.measurer import in_square_pixels, measure_nailfold
from tests.systems.nailfold.measure.hairpins import Hairpin, at, placed

SIZE = (240, 240)
FINE_UM = 1.0


def squeezed(mask, rows, columns):
    """The mask as a detector with larger pixels sees it: in where half of a pixel is covered."""
    height, width = mask.size
    cells = mask.array().reshape(height // rows, rows, width // columns, columns)
    return Mask.from_array(cells.mean((1, 3)) >= 0.5)


def seen(loop, degrees, rows, columns, *, shift=0.0):
    """A loop drawn with pixels of 1 um, read with pixels of rows x columns um."""
    one = placed(loop, at(110 + shift, 90 + shift, degrees), SIZE)
    size = SIZE[0] // rows, SIZE[1] // columns
    shrink = Homography.resize(SIZE, size)
    landmarks = one.landmarks.copy()
    landmarks[:, :2] = shrink.points(landmarks[:, :2])
    mask = squeezed(one.mask, rows, columns)
    instance = replace(one, mask=mask, box=mask.box(), landmarks=landmarks, category=0, score=0.9)
    spacing = Spacing(
        row_mm=rows * FINE_UM / 1000, column_mm=columns * FINE_UM / 1000, origin="calibrated"
    )
    return Reading(
        image_id=1,
        size=size,
        spacing=spacing,
        classes=NAILFOLD_CLASSES,
        landmark_schema=NAILFOLD_LANDMARKS,
        instances=(instance,),
    )


def measured(reading):
    return {one.name: one for one in measure_nailfold(reading) if one.instance == 0}


@pytest.mark.parametrize("degrees", [8, 62, 115, 200])
@pytest.mark.parametrize("pixel", [(2, 1), (1, 2), (3, 2)])
def test_mask_diameters_are_those_that_were_drawn(pixel, degrees):
    loop = Hairpin(left_width=16, right_width=24, apart=50, limb=80)
    for landmarks in (True, False):
        reading = seen(loop, degrees, *pixel, shift=0.3)
        if not landmarks:
            reading = replace(reading, instances=(replace(reading.instances[0], landmarks=None),))
        found = measured(reading)
        widths = [found[f"mask_{name}_diameter"].value for name in ("apical", "arterial", "venous")]
        assert widths == pytest.approx([20, 16, 24], abs=0.6 * max(pixel))
        assert found["tortuosity"].value == pytest.approx(1, abs=0.03)


def test_square_pixels_are_left_as_they_are():
    reading = seen(Hairpin(), 8, 1, 1)
    assert in_square_pixels(reading) is reading
    unknown = replace(reading, spacing=Spacing.unknown())
    assert in_square_pixels(unknown) is unknown


def test_rows_stay_in_step():
    reading = seen(Hairpin(), 8, 2, 1)
    outside = replace(reading.instances[0], mask=None, box=np.array([-9.0, -9, -5, -5]))
    both = replace(reading, instances=(outside, *reading.instances))
    squared = in_square_pixels(both)
    assert squared.size == SIZE
    assert len(squared.instances) == 2
    assert squared.instances[1].mask.area == pytest.approx(2 * reading.instances[0].mask.area, 0.02)
