"""The phantoms at a glance: `python -m polyclinic.systems.kidney.phantoms.sheet kidney.jpg`."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.kidney.phantoms.image import glomerulus_image
from polyclinic.systems.kidney.phantoms.patient import DISEASES, Disease

_SIDE, _LEVEL, _SEED = 288, 3, 15
_GREEN = np.array([0.25, 1.0, 0.35], np.float32)  # fluorescein
_GAP, _HEAD = 6, 24


def contact_sheet() -> NDArray[np.uint8]:
    """(H, W, 3) 8-bit RGB: the four diseases in one tuft, in focus above and out of focus below."""
    columns = []
    for disease in DISEASES:
        pair = [
            glomerulus_image(
                disease.pattern, side=_SIDE, level=level, rng=np.random.default_rng(_SEED)
            )
            for level in (0, _LEVEL)
        ]
        gap = np.zeros((_GAP, _SIDE), np.float32)
        columns.append(np.concatenate([_head(disease), pair[0], gap, pair[1]]))
    sheet = np.hstack([np.pad(one, ((0, 0), (0, _GAP))) for one in columns])[:, :-_GAP]
    return np.rint(sheet[..., None] * _GREEN * 255).astype(np.uint8)


def _head(disease: Disease) -> NDArray[np.float32]:
    head = np.zeros((_HEAD, _SIDE), np.uint8)
    words = f"{disease.label}: {disease.pattern}"
    cv2.putText(head, words, (4, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1, cv2.LINE_AA)
    return np.asarray(head / 255, np.float32)


def write_sheet(file: Path) -> None:
    """Write the sheet as JPEG."""
    sheet, options = contact_sheet()[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85]
    if not cv2.imwrite(str(file), sheet, options):
        raise OSError(f"{file} can't be written")


if __name__ == "__main__":
    write_sheet(Path(sys.argv[1]))
