"""Augmentation by MONAI's dictionary transforms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from bench.augmentation_speed_library import Transforms, View, corner_boxes, points_of, whole_masks
from monai import transforms as monai
from monai.data import MetaTensor

from polyclinic.sample import Sample

BOTH = ("image", "masks")
MODES = ("bilinear", "nearest")


class Monai:
    """Points follow the image's affine matrix; a box is the hull of its four moved corners."""

    name = "MONAI"
    lazy = False

    def __init__(self, transforms: Transforms, origin: float = 0.0, seed: int = 0) -> None:
        self.origin = origin
        self.everything = self.composed(transforms, BOTH, seed)
        self.image_alone = self.composed(transforms, BOTH[:1], seed)

    def composed(self, wanted: Transforms, keys: tuple[str, ...], seed: int) -> monai.Compose:
        """Its transforms; of contrast it has gamma alone."""
        steps: list[Any] = []
        if wanted.resize is not None:
            modes = ("bilinear", "nearest-exact")[: len(keys)]
            anti_aliasing = (True, False)[: len(keys)]
            steps.append(
                monai.Resized(keys, wanted.resize, mode=modes, anti_aliasing=anti_aliasing)
            )
        if wanted.mirror:
            steps.append(monai.RandFlipd(keys, prob=wanted.mirror, spatial_axis=1))
        if wanted.degrees is not None:
            steps.append(self.affine(wanted, keys))
        steps.append(monai.ApplyPendingd(keys))
        if wanted.light:
            steps.append(monai.RandScaleIntensityd(keys[:1], factors=wanted.light, prob=1.0))
        if wanted.gamma:
            exponents = (2**-wanted.gamma, 2**wanted.gamma)
            steps.append(monai.RandAdjustContrastd(keys[:1], prob=1.0, gamma=exponents))
        if len(keys) > 1:
            steps.append(
                monai.ApplyTransformToPointsd(["points", "corners"], refer_keys=["image"] * 2)
            )
        return monai.Compose(steps, lazy=self.lazy).set_random_state(seed)

    def affine(self, wanted: Transforms, keys: tuple[str, ...]) -> Any:
        """Rows come first, angles in radians, and a scale of 1 + s makes the image smaller."""
        first, last = (math.radians(one) for one in wanted.degrees or (0.0, 0.0))
        small, large = wanted.scale
        height, width = (wanted.shift * side for side in (768, 1024))
        return monai.RandAffined(
            keys,
            prob=1.0,
            rotate_range=[(first, last)],
            shear_range=[(0.0, 0.0), (-wanted.shear, wanted.shear)],
            translate_range=[(-height, height), (-width, width)],
            scale_range=[(1 / large - 1, 1 / small - 1)],
            mode=MODES[: len(keys)],
            padding_mode="zeros",
        )

    def take(self, sample: Sample) -> dict[str, Any]:
        """The sample in its own types."""
        pixels = torch.from_numpy(sample.pixels).permute(2, 0, 1).contiguous()
        given: dict[str, Any] = {"image": MetaTensor(pixels, affine=torch.eye(3))}
        if sample.instances:
            x1, y1, x2, y2 = corner_boxes(sample).T - 0.5
            corners = np.stack([[y1, y1, y2, y2], [x1, x2, x1, x2]]).transpose(2, 1, 0)
            points = points_of(sample, self.origin)[..., ::-1].reshape(1, -1, 2)
            for key, array in (
                ("masks", whole_masks(sample)),
                ("points", points),
                ("corners", corners.reshape(1, -1, 2)),
            ):
                given[key] = MetaTensor(torch.from_numpy(array.copy()), affine=torch.eye(3))
        return given

    def augment(self, given: dict[str, Any]) -> dict[str, Any]:
        """The transforms, from its own types to a tensor beside annotations."""
        if "masks" not in given:
            made: dict[str, Any] = self.image_alone(given)
            return made
        made = self.everything(given)
        corners = made["corners"].reshape(-1, 4, 2)
        made["boxes"] = torch.cat([corners.amin(1), corners.amax(1)], 1)[:, [1, 0, 3, 2]]
        return made

    def view(self, made: dict[str, Any]) -> View:
        """What came out, in our convention."""
        masks = np.asarray(made["masks"]) > 0.5
        points = np.asarray(made["points"], float).reshape(len(masks), -1, 2)[..., ::-1]
        return View(
            np.asarray(made["image"]).transpose(1, 2, 0),
            masks,
            np.asarray(made["boxes"], float),
            points - self.origin,
        )


class MonaiLazy(Monai):
    """The same with lazy resampling: flip and affine in one."""

    name = "MONAI, lazy"
    lazy = True
