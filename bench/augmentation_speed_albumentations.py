"""Augmentation by albumentations, on which polyclinic does not depend."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
from bench.augmentation_speed_library import Transforms, View, corner_boxes, points_of, whole_masks

from polyclinic.sample import Sample

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

# isort: split
import albumentations
import cv2
from albumentations.pytorch import ToTensorV2


class Albumentations:
    """`Compose` with all masks in one array, and box and keypoint parameters."""

    name = "albumentations"

    def __init__(self, transforms: Transforms, origin: float = 0.0, seed: int = 0) -> None:
        self.origin = origin
        self.compose = albumentations.Compose(
            self.steps(transforms),
            bbox_params=albumentations.BboxParams("pascal_voc", label_fields=["rows"]),
            keypoint_params=albumentations.KeypointParams("xy", remove_invisible=False),
            seed=seed,
        )
        self.image_alone = albumentations.Compose(self.steps(transforms), seed=seed)

    def steps(self, wanted: Transforms) -> list[Any]:
        """Its transforms, and the tensor."""
        steps: list[Any] = []
        if wanted.resize is not None:
            rule = cv2.INTER_NEAREST_EXACT
            steps.append(albumentations.Resize(*wanted.resize, mask_interpolation=rule))
        if wanted.mirror:
            steps.append(albumentations.HorizontalFlip(p=wanted.mirror))
        if wanted.degrees is not None:
            slope = math.degrees(math.atan(wanted.shear))
            steps.append(
                albumentations.Affine(
                    scale=wanted.scale,
                    translate_percent=(-wanted.shift, wanted.shift),
                    rotate=wanted.degrees,
                    shear={"x": (-slope, slope), "y": (0.0, 0.0)},
                    p=1.0,
                )
            )
        if wanted.light:
            steps.append(
                albumentations.RandomBrightnessContrast(
                    brightness_limit=wanted.light, contrast_limit=wanted.light, p=1.0
                )
            )
        if wanted.gamma:
            exponents = (100 * 2**-wanted.gamma, 100 * 2**wanted.gamma)
            steps.append(albumentations.RandomGamma(gamma_limit=exponents, p=1.0))
        return [*steps, ToTensorV2()]

    def take(self, sample: Sample) -> dict[str, Any]:
        """The sample in its own types."""
        if not sample.instances:
            return {"image": sample.pixels}
        return {
            "image": sample.pixels,
            "masks": whole_masks(sample),
            "bboxes": corner_boxes(sample),
            "rows": np.arange(len(sample.instances)),
            "keypoints": points_of(sample, self.origin).reshape(-1, 2),
        }

    def augment(self, given: dict[str, Any]) -> dict[str, Any]:
        """The transforms, from its own types to a tensor beside annotations."""
        compose = self.compose if "masks" in given else self.image_alone
        made: dict[str, Any] = compose(**given)
        return made

    def view(self, made: dict[str, Any]) -> View:
        """What came out, in our convention."""
        masks = np.asarray(made["masks"]) > 0
        boxes = np.full((len(masks), 4), np.nan)
        boxes[np.asarray(made["rows"], int)] = np.asarray(made["bboxes"], float) - 0.5
        points = np.asarray(made["keypoints"], float).reshape(len(masks), -1, 2)
        return View(made["image"].permute(1, 2, 0).numpy(), masks, boxes, points - self.origin)
