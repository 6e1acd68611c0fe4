"""Classical ways to restore a blurred image, with settings chosen on other images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import cv2
import numpy as np
from skimage.filters import gaussian, unsharp_mask
from skimage.restoration import richardson_lucy, wiener

from polyclinic.data.degrade.effects import disk_kernel
from polyclinic.metrics.figure import Values
from polyclinic.metrics.restoration import psnr

BORDER = 16
"""Pixels by which an image is mirrored outwards, as spectra would join its opposite edges."""

Setting = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Method:
    """A way to restore.

    Args:
        name: in the tables.
        restore: (image (H, W) from 0 to 1, **setting) to the same.
        settings: of which one is chosen.
    """

    name: str
    restore: Callable[..., Values]
    settings: Sequence[Setting]

    def apply(self, image: Values, setting: Setting) -> Values:
        """The restored image, from 0 to 1."""
        return np.clip(self.restore(image, **setting), 0, 1)


def spread_kernel(kernel: str, sigma: float) -> Values:
    """A point out of focus, odd sides, sum 1: a Gaussian of sigma, or a disk of radius 2 sigma."""
    if kernel == "disk":
        return np.asarray(disk_kernel(2 * sigma), float)
    line = cv2.getGaussianKernel(2 * int(np.ceil(3 * sigma)) + 1, sigma)
    return np.asarray(line @ line.T, float)


def _untouched(image: Values) -> Values:
    return image


def _smoothed(image: Values, sigma: float) -> Values:
    return np.asarray(gaussian(image, sigma, mode="reflect"))


def _unsharp(image: Values, radius: float, amount: float) -> Values:
    return np.asarray(unsharp_mask(image, radius, amount))


def _wiener(image: Values, kernel: str, sigma: float, balance: float) -> Values:
    found = wiener(_mirrored(image), spread_kernel(kernel, sigma), balance, clip=False)
    return np.asarray(found)[BORDER:-BORDER, BORDER:-BORDER]


def _richardson_lucy(image: Values, kernel: str, sigma: float, iterations: int) -> Values:
    mirrored, spread = _mirrored(image), spread_kernel(kernel, sigma)
    found = richardson_lucy(mirrored, spread, num_iter=iterations, filter_epsilon=1e-6)
    return np.asarray(found)[BORDER:-BORDER, BORDER:-BORDER]


def _mirrored(image: Values) -> Values:
    return np.pad(image, BORDER, mode="symmetric")


def grid(**values: Sequence[Any]) -> list[Setting]:
    """Every combination."""
    return [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]


KERNELS = ("gaussian", "disk")
SIGMAS = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
BALANCES = tuple(float(10**power) for power in np.arange(-3, 2.5, 0.5))

METHODS = (
    Method(name="untouched", restore=_untouched, settings=[{}]),
    Method(
        name="Gaussian smoothing",
        restore=_smoothed,
        settings=grid(sigma=(0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)),
    ),
    Method(
        name="unsharp mask",
        restore=_unsharp,
        settings=grid(radius=(0.5, 1.0, 2.0, 3.0), amount=(0.1, 0.25, 0.5, 1.0, 2.0)),
    ),
    Method(
        name="Wiener",
        restore=_wiener,
        settings=grid(kernel=KERNELS, sigma=SIGMAS, balance=BALANCES),
    ),
    Method(
        name="Richardson-Lucy",
        restore=_richardson_lucy,
        settings=grid(kernel=KERNELS, sigma=SIGMAS, iterations=(1, 2, 4, 8, 16)),
    ),
)


def tried(method: Method, images: Values, sharp: Values) -> Values:
    """(S, N) PSNR in dB of each of S settings on each of N images."""
    return np.array(
        [
            [
                psnr(method.apply(image, setting), partner, data_range=1.0)
                for image, partner in zip(images, sharp, strict=True)
            ]
            for setting in method.settings
        ]
    )


def best_of(method: Method, found: Values) -> Setting:
    """The setting with the highest mean PSNR, given (S, N); the first of equals."""
    return method.settings[int(found.mean(1).argmax())]


def best_by_level(method: Method, found: Values, levels: Values) -> dict[float, Setting]:
    """The same for the images of each level alone."""
    return {float(level): best_of(method, found[:, levels == level]) for level in np.unique(levels)}
