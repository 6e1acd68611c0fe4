"""How well found regions agree with annotated ones: overlap and outlines."""

from polyclinic.metrics.segmentation.constant import ConstantMask
from polyclinic.metrics.segmentation.image import TOLERANCE_MM, TOLERANCE_PX
from polyclinic.metrics.segmentation.masked import MaskedCase, masked_cases
from polyclinic.metrics.segmentation.overlap import (
    EMPTY_CASE_POLICY,
    EmptyCases,
    dice,
    iou,
    label_counts,
    pixel_counts,
    precision,
    sensitivity,
    soft_dice,
    soft_iou,
)
from polyclinic.metrics.segmentation.surface import (
    boundary,
    hausdorff_95,
    mean_surface_distance,
    surface_dice,
    surface_distances,
)
from polyclinic.metrics.segmentation.table import (
    MOST_OBJECTS,
    MaskTable,
    compare_masks,
    empty_cases,
)

__all__ = [
    "EMPTY_CASE_POLICY",
    "MOST_OBJECTS",
    "TOLERANCE_MM",
    "TOLERANCE_PX",
    "ConstantMask",
    "EmptyCases",
    "MaskTable",
    "MaskedCase",
    "boundary",
    "compare_masks",
    "dice",
    "empty_cases",
    "hausdorff_95",
    "iou",
    "label_counts",
    "masked_cases",
    "mean_surface_distance",
    "pixel_counts",
    "precision",
    "sensitivity",
    "soft_dice",
    "soft_iou",
    "surface_dice",
    "surface_distances",
]
