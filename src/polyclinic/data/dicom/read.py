"""A DICOM file to pixels, in one order, each step logged.

1. The first frame is decoded; YBR and planar pixels become RGB, palettes are looked up.
2. Grey values are rescaled to what the machine measured (`modality`).
3. They are shown through the file's VOI LUT or window, else a stated one (`window`).
4. MONOCHROME1, where the smallest value is white, is inverted; padding is black.
5. Everything becomes 8-bit RGB, (H, W, 3), as every other image of the package.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from polyclinic.data.dicom.decode import Stored, first_frame, palette_bits, palette_to_rgb
from polyclinic.data.dicom.faults import PIXELS, check_pixels, in_plain_words
from polyclinic.data.dicom.grey import Shown, show_grey
from polyclinic.data.dicom.header import KNOWN, DicomHeader, header_of, open_dataset, state_of

_PIXELS = {tag_for_keyword(name) for name in PIXELS}


@dataclass(frozen=True, eq=False, kw_only=True)
class DicomImage(DicomHeader):
    """The first frame with what the file says of it.

    Args:
        measure: makes `pixels`, which few ask for.
        rgb: (H, W, 3) 8-bit RGB, as it is looked at.
        deep: (H, W) the same at 16 bits, where more than 8 are stored; None of colour images.
        photometric: how the file kept its pixels.
        steps: what was done, in order, with the notes of the header.
    """

    measure: Callable[[], Stored] = field(repr=False)
    rgb: NDArray[np.uint8]
    deep: NDArray[np.uint16] | None
    photometric: str
    steps: tuple[str, ...]

    @cached_property
    def pixels(self) -> Stored:
        """(H, W) modality values before any window, negative ones too.

        (H, W, 3) RGB of colour images, as deep as the file.
        """
        return self.measure()


def read_dicom(path: str | Path) -> DicomImage:
    """Read the first frame of a DICOM file.

    Raises:
        ImageError: missing, no image, damaged, or packed in a way that can't be decoded; what
            mends it is said. No message names a patient.
    """
    state = state_of(path)
    with in_plain_words(path):
        dataset, notes = open_dataset(path, pixels=True)
        header = header_of(dataset, notes)
        check_pixels(dataset)
        stored, doubts = first_frame(dataset)
        kind = str(dataset.PhotometricInterpretation).strip()
        steps = [f"decode: {dataset.file_meta.TransferSyntaxUID.name}, {kind}"]
        if header.frames > 1:
            steps.append(f"frames: the first of {header.frames}")
        in_colour = kind == "PALETTE COLOR" or stored.ndim == 3
        show = _show_colour if in_colour else show_grey
        shown = show(dataset, stored, kind)
        doubts = (*header.doubts, *doubts, *shown.doubts)
    if _ends_with_pixels(dataset):
        KNOWN.keep(state, header)
    return DicomImage(
        **{one.name: getattr(header, one.name) for one in fields(header)} | {"doubts": doubts},
        measure=shown.measure,
        rgb=shown.rgb,
        deep=shown.deep,
        photometric=kind,
        steps=(*steps, *shown.done, *header.notes),
    )


def _ends_with_pixels(dataset: Dataset) -> bool:
    """Whether reading up to the pixels finds all that reading the whole file does."""
    return list(dataset.keys())[-1] in _PIXELS


def _show_colour(dataset: Dataset, stored: Stored, kind: str) -> Shown:
    doubts: tuple[str, ...] = ()
    if kind == "PALETTE COLOR":
        pixels, said = palette_to_rgb(dataset, stored), "colour: palette looked up"
        bits, doubts = palette_bits(dataset)
    else:
        pixels, said = stored, f"colour: {kind} as RGB"
        bits = int(dataset.BitsStored)
    top = 2**bits - 1
    rgb = pixels if top == 255 else np.rint(pixels.clip(0, top) * (255 / top))
    done = (said,) if top == 255 else (said, f"depth: {bits} bits to 8")
    return Shown(
        measure=lambda: pixels, rgb=np.array(rgb, np.uint8), deep=None, done=done, doubts=doubts
    )
