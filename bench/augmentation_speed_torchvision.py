"""Augmentation by torchvision v2, on uint8 tensors as its documentation advises."""

from __future__ import annotations

import math
from typing import Any

import torch
from bench.augmentation_speed_library import Transforms, View, corner_boxes, points_of, whole_masks
from torchvision import tv_tensors
from torchvision.transforms import InterpolationMode, v2

from polyclinic.sample import Sample


class Torchvision:
    """`v2.Compose` over Image, Mask, BoundingBoxes and KeyPoints; images bilinear."""

    name = "torchvision"
    interpolation = InterpolationMode.BILINEAR

    def __init__(self, transforms: Transforms, origin: float = 0.0, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.origin = origin
        self.compose = v2.Compose(self.steps(transforms))

    def steps(self, wanted: Transforms) -> list[Any]:
        """Its transforms; it has no random gamma."""
        steps: list[Any] = []
        if wanted.resize is not None:
            steps.append(v2.Resize(list(wanted.resize)))
        if wanted.mirror:
            steps.append(v2.RandomHorizontalFlip(wanted.mirror))
        if wanted.degrees is not None:
            slope = math.degrees(math.atan(wanted.shear))
            steps.append(
                v2.RandomAffine(
                    wanted.degrees,
                    translate=(wanted.shift, wanted.shift),
                    scale=wanted.scale,
                    shear=(-slope, slope),
                    interpolation=self.interpolation,
                )
            )
        if wanted.light:
            steps.append(v2.ColorJitter(brightness=wanted.light, contrast=wanted.light))
        return steps

    def take(self, sample: Sample) -> dict[str, Any]:
        """The sample in its own types."""
        boxes, points = corner_boxes(sample), points_of(sample, self.origin)
        image = torch.from_numpy(sample.pixels).permute(2, 0, 1).contiguous()
        given: dict[str, Any] = {"image": tv_tensors.Image(image)}
        if sample.instances:
            given["masks"] = tv_tensors.Mask(torch.from_numpy(whole_masks(sample)))
            given["boxes"] = tv_tensors.BoundingBoxes(  # type: ignore[call-overload]
                torch.from_numpy(boxes), format="XYXY", canvas_size=sample.size
            )
            given["points"] = tv_tensors.KeyPoints(
                torch.from_numpy(points), canvas_size=sample.size
            )
        return given

    def augment(self, given: dict[str, Any]) -> dict[str, Any]:
        """The transforms, from its own types to a tensor beside annotations."""
        made: dict[str, Any] = self.compose(given)
        return made

    def view(self, made: dict[str, Any]) -> View:
        """What came out, in our convention."""
        return View(
            made["image"].permute(1, 2, 0).numpy(),
            made["masks"].numpy() > 0,
            made["boxes"].double().numpy() - 0.5,
            made["points"].double().numpy() - self.origin,
        )


class TorchvisionNearest(Torchvision):
    """The same as RandomAffine comes: with the nearest pixel."""

    name = "torchvision, nearest pixel"
    interpolation = InterpolationMode.NEAREST
