"""Degradations in steps, for tests of how much a reader bears."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.degrade.effects import (
    add_noise,
    bend,
    compress,
    disk_blur,
    gaussian_blur,
    on_unit_scale,
)
from polyclinic.errors import ConfigError, nearest

LEVELS = 5
"""Level 0 is the image as it is."""

Picture = NDArray[np.uint8]
Change = Callable[[Picture, float, np.random.Generator], Picture]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One way in which images get worse, in steps.

    Args:
        name: as it is asked for.
        strengths: of the levels 1 to 4.
        strength: what they are, with the unit.
        change: (image, strength, generator) to image.
        blurs: whether it takes the focus away, and nothing else.
        keeps_detail: whether the image shows all that it showed, in another light.
    """

    name: str
    strengths: tuple[float, float, float, float]
    strength: str
    change: Change
    blurs: bool = False
    keeps_detail: bool = False

    def strength_of(self, level: int) -> float | None:
        """None for level 0."""
        return self.strengths[level - 1] if level else None

    def degrade(self, image: Picture, level: int, image_id: int | str) -> Picture:
        """The image at a level from 0 to 4; at 0 the very image.

        What is random is drawn from the name of the kind and the id of the image: the same at
        every call, and the same draws at every level.

        Args:
            image: (H, W, 3) RGB; not written to.
            level: 0 to 4.
            image_id: of the sample.
        """
        strength = self.strength_of(level)
        if strength is None:
            return image
        seed = hashlib.sha256(f"{self.name} {image_id}".encode()).digest()[:8]
        return self.change(image, strength, np.random.default_rng(int.from_bytes(seed)))


def named_kinds(names: Sequence[str]) -> list[Kind]:
    """Kinds by name, each once.

    Raises:
        ConfigError: a name is not known.
    """
    for name in names:
        if name not in KINDS:
            raise ConfigError(
                f"{name!r} is no way to degrade images",
                where="--stress",
                hint=nearest(name, KINDS),
            )
    return [KINDS[name] for name in dict.fromkeys(names)]


def _blurred(image: Picture, share: float, rng: np.random.Generator) -> Picture:
    sigma = share * max(image.shape[:2])
    return np.asarray(on_unit_scale(image, lambda one: gaussian_blur(one, sigma)), np.uint8)


def _defocused(image: Picture, share: float, rng: np.random.Generator) -> Picture:
    radius = 2 * share * max(image.shape[:2])
    return np.asarray(on_unit_scale(image, lambda one: disk_blur(one, radius)), np.uint8)


def _noisy(image: Picture, floor: float, rng: np.random.Generator) -> Picture:
    return np.asarray(on_unit_scale(image, lambda one: add_noise(one, 0.0, floor, rng)), np.uint8)


def _compressed(image: Picture, quality: float, rng: np.random.Generator) -> Picture:
    return compress(image, int(quality))


def _bent(image: Picture, log2_gamma: float, rng: np.random.Generator) -> Picture:
    return bend(image, log2_gamma if rng.random() < 0.5 else -log2_gamma)


_SHARES = (1 / 256, 2 / 256, 3 / 256, 4 / 256)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="blur",
            strengths=_SHARES,
            strength="sigma of a Gaussian, share of the longer side",
            change=_blurred,
            blurs=True,
        ),
        Kind(
            name="defocus",
            strengths=_SHARES,
            strength="half the radius of a disk, share of the longer side",
            change=_defocused,
            blurs=True,
        ),
        Kind(
            name="noise",
            strengths=(0.02, 0.04, 0.08, 0.16),
            strength="standard deviation, share of white",
            change=_noisy,
        ),
        Kind(
            name="jpeg",
            strengths=(75, 50, 25, 10),
            strength="quality of the compression, of 100",
            change=_compressed,
        ),
        Kind(
            name="gamma",
            strengths=(0.25, 0.5, 0.75, 1.0),
            strength="|log2| of the exponent; every image either darker or brighter",
            change=_bent,
            keeps_detail=True,
        ),
    )
}
