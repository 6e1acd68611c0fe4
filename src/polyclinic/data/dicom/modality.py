"""Stored values to what the machine measured, such as Hounsfield units."""

from __future__ import annotations

import math

from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut

from polyclinic.data.dicom.decode import Stored
from polyclinic.data.dicom.frames import frame_group


def rescaled(dataset: Dataset, stored: Stored) -> tuple[Stored, str]:
    """(H, W) modality values, and what was done (PS3.3, C.11.1).

    Enhanced objects keep slope and intercept with their frames. Where nothing changes, the very
    values that are stored come back.
    """
    if dataset.get("ModalityLUTSequence"):
        return apply_modality_lut(stored, dataset), "rescale: Modality LUT"
    source = dataset
    if "RescaleSlope" not in dataset:
        source = frame_group(dataset, "PixelValueTransformationSequence") or dataset
    slope, intercept = source.get("RescaleSlope"), source.get("RescaleIntercept")
    if slope is None or intercept is None:
        return stored, "rescale: none"
    if not (math.isfinite(slope) and math.isfinite(intercept)) or slope == 0:
        return stored, "rescale: slope or intercept is impossible, not applied"
    if slope == 1 and intercept == 0:
        return stored, "rescale: x 1 + 0"
    done = f"rescale: x {float(slope):g} + {float(intercept):g}"
    return apply_modality_lut(stored, source), done
