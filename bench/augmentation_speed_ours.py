"""Augmentation by polyclinic: one homography a view, masks moved in their patches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bench.augmentation_speed_library import SIZE, Transforms, View
from numpy.typing import NDArray
from torch import Tensor

from polyclinic.data.augment import AugmentConfig, change_light
from polyclinic.geometry import Homography, Size, move_sample
from polyclinic.sample import Instance, Sample
from polyclinic.schema import NAILFOLD_LANDMARKS
from polyclinic.tasks.batch import image_tensor

Made = tuple[Tensor, Sequence[Instance], int, Size]
CENTRE = ((SIZE[1] - 1) / 2, (SIZE[0] - 1) / 2)


class Polyclinic:
    """`move_sample` and `change_light`; masks come out as patches in their frame."""

    name = "polyclinic"

    def __init__(self, transforms: Transforms, origin: float = 0.0, seed: int = 0) -> None:
        self.transforms, self.origin = transforms, origin
        self.rng = np.random.default_rng(seed)
        self.light = AugmentConfig(
            brightness=transforms.light, contrast=transforms.light, gamma=transforms.gamma
        )

    def take(self, sample: Sample) -> Sample:
        """As it is loaded."""
        return sample

    def augment(self, given: Sample) -> Made:
        """The transforms, from its own types to a tensor beside annotations."""
        homography, size = self.drawn()
        seen = move_sample(given, homography, size, NAILFOLD_LANDMARKS)
        image = np.asarray(seen.pixels, np.uint8)
        if self.transforms.light:
            image = change_light(image, self.light, self.rng)
        return image_tensor(image), seen.instances or (), len(given.instances or ()), size

    def drawn(self) -> tuple[Homography, Size]:
        """A view of the image."""
        wanted, draw = self.transforms, self.rng.uniform
        if wanted.resize is not None:
            return Homography.resize(SIZE, wanted.resize), wanted.resize
        about = Homography.about(
            CENTRE,
            degrees=draw(*(wanted.degrees or (0.0, 0.0))),
            scale=draw(*wanted.scale),
            shear=draw(-wanted.shear, wanted.shear),
            shift=tuple(draw(-wanted.shift, wanted.shift, 2) * SIZE[::-1]),
        )
        flipped = self.rng.random() < wanted.mirror
        return about @ Homography.mirror(SIZE[1]) if flipped else about, SIZE

    def view(self, made: Made) -> View:
        """What came out, in our convention."""
        tensor, instances, number, size = made
        masks = np.zeros((number, *size), bool)
        boxes, landmarks = np.full((number, 4), np.nan), np.full((number, 8, 2), np.nan)
        for one in instances:
            row = int(one.id or 0)
            boxes[row] = one.box
            if one.mask is not None:
                masks[row] = one.mask.array()
            if one.landmarks is not None:
                landmarks[row] = np.where(one.landmarks[:, 2:] > 0, one.landmarks[:, :2], np.nan)
        return View(tensor.permute(1, 2, 0).numpy(), masks, boxes, landmarks)


class PolyclinicWholeMasks(Polyclinic):
    """The same, with each mask unpacked into its whole frame, as the peers give it."""

    name = "polyclinic, masks in whole frames"
    unpacked: NDArray[np.bool_]

    def augment(self, given: Sample) -> Made:
        """The transforms, from its own types to a tensor beside annotations."""
        made = super().augment(given)
        masks = [one.mask for one in made[1] if one.mask is not None]
        self.unpacked = np.zeros((len(masks), *made[3]), bool)
        for frame, mask in zip(self.unpacked, masks, strict=True):
            height, width = mask.shape
            frame[mask.top : mask.top + height, mask.left : mask.left + width] = mask.patch
        return made
