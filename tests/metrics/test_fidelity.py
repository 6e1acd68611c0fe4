import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from polyclinic.data.images import Picture
from polyclinic.errors import DataError
from polyclinic.metrics.fidelity import as_shares, fidelity_of
from polyclinic.sample import GreyScale, Sample

DEEP = GreyScale(0, 65535)
WINDOW = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}


def picture(shape, top, dtype, seed=0):
    return np.random.default_rng(seed).integers(0, top, shape, endpoint=True).astype(dtype)


def seen(pixels, grey=DEEP):
    rgb = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, 2)
    deep = None if pixels.dtype == np.uint8 else pixels
    image = rgb if deep is None else np.zeros(rgb.shape, np.uint8)
    return Sample(image_id=1, size=pixels.shape[:2], image=image, deep=deep, grey=grey)


def shown(pixels, grey=DEEP):
    sample = seen(pixels, grey)
    return Picture(sample.image, sample.deep, sample.stored_grey)


@pytest.mark.parametrize(
    ("shape", "top", "dtype"),
    [
        ((20, 30), 255, np.uint8),
        ((20, 30, 3), 255, np.uint8),
        ((20, 30), 65535, np.uint16),
        ((20, 30), 4000, np.uint16),
        ((20, 30, 3), 65535, np.uint16),
    ],
)
def test_as_scikit_image_compares_them_at_their_own_depth(shape, top, dtype):
    image, restored, sharp = (picture(shape, top, dtype, seed) for seed in range(3))
    black, white = {255: (0, 255), 4000: (100, 3900), 65535: (0, 65535)}[top]
    grey = GreyScale(black, white)
    channel = 2 if len(shape) == 3 else None
    found = fidelity_of(seen(image, grey), restored, shown(sharp, grey))
    sharp = sharp - float(black)
    for one, psnr, ssim in (
        (restored, found.psnr, found.ssim),
        (image, found.input_psnr, found.input_ssim),
    ):
        one = one - float(black)
        noise = peak_signal_noise_ratio(sharp, one, data_range=white - black)
        alike = structural_similarity(
            sharp, one, data_range=white - black, channel_axis=channel, **WINDOW
        )
        assert psnr == pytest.approx(noise)
        assert ssim == pytest.approx(alike, abs=1e-9)


def test_an_untouched_sharp_image_is_equal_whatever_holds_it():
    grey = picture((16, 16), 255, np.uint8)
    colour = np.repeat(grey[..., None], 3, 2)
    for image, restored, sharp in [(colour, grey, colour), (grey, colour, grey)]:
        found = fidelity_of(seen(image), restored, shown(sharp))
        assert (found.psnr, found.input_psnr) == (np.inf, np.inf)
        assert (found.ssim, found.input_ssim) == pytest.approx((1, 1))


def test_two_depths_are_brought_to_one_scale():
    sharp = picture((16, 16), 255, np.uint8)
    deep = sharp.astype(np.uint16) * 257
    image, restored, partner = as_shares(seen(deep), deep, shown(sharp))
    assert image == pytest.approx(partner)
    assert restored == pytest.approx(partner)


def test_black_and_white_are_those_of_the_image():
    dark, bright = np.full((12, 12), 2000, np.uint16), np.full((12, 12), 5000, np.uint16)
    image, restored, sharp = as_shares(seen(dark, GreyScale(1000, 6000)), dark, shown(bright))
    assert (image[0, 0], restored[0, 0], sharp[0, 0]) == pytest.approx((0.2, 0.2, 5000 / 65535))


def test_other_sizes_are_refused():
    image, other = (np.zeros((12, width), np.uint8) for width in (12, 13))
    with pytest.raises(DataError, match="shape"):
        fidelity_of(seen(image), image, shown(other))
