import io

import numpy as np
import pytest
from PIL import Image

from polyclinic.data.degrade import compress
from tests.data.degrade.pictures import textured


def error(image, quality):
    return np.abs(compress(image, quality).astype(int) - image).mean()


def test_lower_quality_errs_more():
    image = textured()
    errors = [error(image, quality) for quality in (95, 75, 50, 25, 10)]
    assert errors == sorted(errors)
    assert errors[0] < errors[-1] / 2


@pytest.mark.parametrize("quality", [75, 10])
def test_it_is_what_pillow_makes(quality):
    image, buffer = textured(size=(64, 96)), io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    other = np.asarray(Image.open(buffer), int)
    assert np.abs(compress(image, quality) - other).mean() < 1


def test_grey_stays_grey_and_odd_sizes_stay():
    grey = np.repeat(textured(size=(33, 17), channels=1), 3, 2)
    kept = compress(grey, 20)
    assert kept.shape == grey.shape
    assert (kept == kept[..., :1]).all()
