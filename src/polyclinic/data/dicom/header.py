"""A DICOM file without its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from polyclinic.data.dicom.faults import check_image, frame_count, in_plain_words
from polyclinic.data.dicom.identity import Identity, identity_of
from polyclinic.data.dicom.known import Known, state_of
from polyclinic.data.dicom.recognise import is_dicom
from polyclinic.data.dicom.spacing import find_spacing
from polyclinic.errors import ImageError
from polyclinic.sample import Spacing


@dataclass(frozen=True, kw_only=True)
class DicomHeader:
    """What a file says of its image.

    Args:
        size: (height, width).
        frames: how many there are; the first is read.
        spacing: size of a pixel, with its origin.
        identity: pseudonyms, side, machine.
        modality: such as CR, CT, US; empty where the file is silent.
        orientation: Patient Orientation, where rows and columns point; noted, not applied.
        notes: how size of pixel and byte order were found.
    """

    size: tuple[int, int]
    frames: int
    spacing: Spacing
    identity: Identity
    modality: str
    orientation: tuple[str, ...]
    notes: tuple[str, ...]


KNOWN: Known[DicomHeader] = Known(most=10_000)
"""Headers without a name in them; about a kilobyte each."""


def read_header(path: str | Path) -> DicomHeader:
    """What a DICOM file says of its image; the pixels stay where they are.

    Raises:
        ImageError: missing, damaged, or an object that holds no image.
    """
    state = state_of(path)
    if (known := KNOWN.get(state)) is not None:
        return known
    with in_plain_words(path):
        dataset, notes = open_dataset(path, pixels=False)
        header = header_of(dataset, notes)
    KNOWN.keep(state, header)
    return header


def header_of(dataset: Dataset, notes: tuple[str, ...]) -> DicomHeader:
    """What a parsed file says of its image.

    Raises:
        ImageError: the object holds no image.
    """
    check_image(dataset)
    spacing, found = find_spacing(dataset)
    orientation = dataset.get("PatientOrientation") or ()
    return DicomHeader(
        size=(int(dataset.Rows), int(dataset.Columns)),
        frames=frame_count(dataset),
        spacing=spacing,
        identity=identity_of(dataset),
        modality=str(dataset.get("Modality") or "").strip(),
        orientation=tuple(str(one) for one in orientation),
        notes=(*notes, *found),
    )


def open_dataset(path: str | Path, *, pixels: bool) -> tuple[Dataset, tuple[str, ...]]:
    """Parse a file, with or without preamble, and name its transfer syntax where it does not.

    Raises:
        ImageError: compressed pixels whose transfer syntax is not stated.
    """
    # What is_dicom can't tell, a missing file for one, fails with its own message in dcmread.
    dataset = pydicom.dcmread(path, force=is_dicom(path), stop_before_pixels=not pixels)
    if not hasattr(dataset, "file_meta"):
        dataset.file_meta = FileMetaDataset()
    if dataset.file_meta.get("TransferSyntaxUID"):
        return dataset, ()
    if "PixelData" in dataset and dataset["PixelData"].is_undefined_length:
        raise ImageError(
            "does not say how its pixels are compressed", expected="a transfer syntax in its header"
        )
    implicit, little = dataset.original_encoding
    syntax = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else syntax
    name = dataset.file_meta.TransferSyntaxUID.name
    return dataset, (f"transfer syntax: not stated, taken as {name}",)
