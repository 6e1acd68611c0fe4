"""What a film or a detector adds to a picture: specks, softness, noise.

The changes and their strengths are those of KNEEL's code (Tiulpin, Melekhov, Saarakkala, ICCV
workshop VRMI 2019), which draws one of all seven for each view. Specks and noise are the same in
the three channels, as in a picture that was grey.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.util import random_noise

Grain = Literal[
    "none",
    "salt_and_pepper",
    "gaussian_blur",
    "median_blur",
    "blended_noise",
    "salt_then_median",
    "median_then_salt",
]

GRAINS: tuple[Grain, ...] = get_args(Grain)
"""The seven of KNEEL."""

KERNELS = (3, 5)
MOST_BLENDED = 0.5

Picture = NDArray[np.uint8]
Change = Callable[[Picture, np.random.Generator], Picture]


def add_grain(image: Picture, choice: Sequence[Grain], rng: np.random.Generator) -> Picture:
    """Make one of the named changes, each as likely as the others.

    Args:
        image: (H, W, 3); it is not written to.
        choice: what to draw from; a name given twice comes twice as often, and nothing is changed
            where there is none.
        rng: decides which, and how strong.
    """
    if not choice:
        return image
    for change in CHANGES[choice[int(rng.integers(len(choice)))]]:
        image = change(image, rng)
    return image


def salt_and_pepper(image: Picture, rng: np.random.Generator, *, most: float) -> Picture:
    """Make up to a share `most` of the pixels white or black, both as often."""
    grey = np.full(image.shape[:2], 0.5)
    specks = random_noise(grey, mode="s&p", rng=rng, amount=rng.uniform(0, most))
    speckled = image.copy()
    speckled[specks == 0] = 0
    speckled[specks == 1] = 255
    return speckled


def gaussian_blur(image: Picture, rng: np.random.Generator) -> Picture:
    """Blur with a kernel of 3 or 5 pixels; OpenCV's sigma for them, 0.8 or 1.1."""
    kernel = int(rng.choice(KERNELS))
    return np.asarray(cv2.GaussianBlur(image, (kernel, kernel), 0), np.uint8)


def median_blur(image: Picture, rng: np.random.Generator) -> Picture:
    """Take medians over squares of 3 or 5 pixels."""
    return np.asarray(cv2.medianBlur(image, int(rng.choice(KERNELS))), np.uint8)


def blended_noise(image: Picture, rng: np.random.Generator) -> Picture:
    """Mix with a picture of normal noise that is stretched to 0-255: (1 - g) image + g noise.

    The stretched noise is grey in the mean, so contrast falls with g, up to a half.
    """
    share = float(rng.uniform(0, MOST_BLENDED))
    noise = rng.standard_normal(image.shape[:2], np.float32)
    stretched = cv2.normalize(noise, noise, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    return np.asarray(
        cv2.addWeighted(image, 1 - share, cv2.merge([stretched] * 3), share, 0), np.uint8
    )


def half_of_the_time(image: Picture, rng: np.random.Generator, *, change: Change) -> Picture:
    """Make the change or leave it."""
    return change(image, rng) if rng.random() < 0.5 else image


CHANGES: Mapping[Grain, tuple[Change, ...]] = {
    "none": (),
    "salt_and_pepper": (partial(salt_and_pepper, most=0.01),),
    "gaussian_blur": (gaussian_blur,),
    "median_blur": (median_blur,),
    "blended_noise": (blended_noise,),
    "salt_then_median": (
        partial(salt_and_pepper, most=0.05),
        partial(half_of_the_time, change=median_blur),
    ),
    "median_then_salt": (
        partial(half_of_the_time, change=median_blur),
        partial(salt_and_pepper, most=0.01),
    ),
}
"""What each name does, step by step."""
