"""Films as DICOM files: Digital X-Ray Image Storage - For Presentation (PS3.3, A.26)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    generate_uid,
)

Plane = NDArray[np.float32]
Tags = Literal["imager", "both", "plain"]


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How a machine writes its files.

    Args:
        bits: stored in 16 allocated ones.
        inverted: MONOCHROME1, where the smallest value is white.
        spacing: which tags state the pixel size.
        slope, intercept: rescale tags; None: not written.
        window: whether a window is written.
        headroom: share of the range above the brightest value.
        device: name of the machine.
    """

    bits: int
    inverted: bool
    spacing: Tags
    slope: float | None
    intercept: float
    window: bool
    headroom: float
    device: str


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a film is of.

    Args:
        patient_id: the person.
        key: makes the identifiers; the same key gives the same ones.
        laterality: R, L or B.
        spacing_mm: pixel size at the detector.
    """

    patient_id: str
    key: tuple[int, ...]
    laterality: str
    spacing_mm: float


def draw_encoding(rng: np.random.Generator) -> Encoding:
    """Draw the habits of a machine."""
    rescaled = rng.random() < 0.35
    spacing: tuple[Tags, ...] = ("imager", "both", "plain")
    return Encoding(
        bits=int(rng.choice([10, 12, 14])),
        inverted=bool(rng.random() < 0.35),
        spacing=spacing[rng.integers(3)],
        slope=float(rng.choice([1.0, 0.5, 2.0])) if rescaled else None,
        intercept=float(rng.choice([0.0, -128.0])),
        window=bool(rng.random() < 0.5),
        headroom=float(rng.uniform(0, 0.3)),
        device=str(rng.choice(["phantom DR A", "phantom DR B", "phantom CR C"])),
    )


def write_film(path: Path, grey: Plane, header: Header, encoding: Encoding) -> None:
    """Write (H, W) grey, 0 to 1 and dense parts bright, as a DICOM file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = _uid(header, "image")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    _identify(data, header, encoding)
    _describe(data, header, encoding)
    _fill(data, grey, encoding)
    data.save_as(path, enforce_file_format=True)


def _uid(header: Header, kind: str) -> UID:
    return generate_uid(entropy_srcs=[kind, header.patient_id, *map(str, header.key)])


def _identify(data: FileDataset, header: Header, encoding: Encoding) -> None:
    data.SOPClassUID = DigitalXRayImageStorageForPresentation
    data.SOPInstanceUID = _uid(header, "image")
    data.StudyInstanceUID = _uid(header, "study")
    data.SeriesInstanceUID = _uid(header, "series")
    data.PatientName = "Phantom^Knee"
    data.PatientID = header.patient_id
    for empty in ("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID"):
        setattr(data, empty, "")
    data.AccessionNumber = data.ReferringPhysicianName = ""
    data.Modality = "DX"
    data.PresentationIntentType = "FOR PRESENTATION"
    data.Manufacturer, data.ManufacturerModelName = "phantom", encoding.device
    data.SeriesNumber = data.InstanceNumber = 1


def _describe(data: FileDataset, header: Header, encoding: Encoding) -> None:
    data.BodyPartExamined = "KNEE"
    data.ViewPosition = "AP"
    data.PatientOrientation = ["L", "F"]
    data.ImageLaterality = header.laterality
    data.ImageType = ["DERIVED", "PRIMARY", ""]
    data.BurnedInAnnotation = "NO"
    data.LossyImageCompression = "00"
    data.AcquisitionContextSequence = []
    region = Dataset()
    region.CodeValue, region.CodingSchemeDesignator = "72696002", "SCT"
    region.CodeMeaning = "Knee region"
    data.AnatomicRegionSequence = [region]
    pair = [f"{header.spacing_mm:.4f}"] * 2
    if encoding.spacing != "plain":
        data.ImagerPixelSpacing = pair
    if encoding.spacing != "imager":
        data.PixelSpacing = pair


def _fill(data: FileDataset, grey: Plane, encoding: Encoding) -> None:
    top = 2**encoding.bits - 1
    brightest = top * (1 - encoding.headroom)
    stored = np.rint(grey * np.float32(brightest)).astype("<u2")
    if encoding.inverted:
        stored = (top - stored).astype("<u2")
    data.SamplesPerPixel = 1
    data.PhotometricInterpretation = "MONOCHROME1" if encoding.inverted else "MONOCHROME2"
    data.PresentationLUTShape = "INVERSE" if encoding.inverted else "IDENTITY"
    data.PixelIntensityRelationship = "LOG"
    data.PixelIntensityRelationshipSign = 1 if encoding.inverted else -1
    data.Rows, data.Columns = stored.shape
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, encoding.bits, encoding.bits - 1
    data.PixelRepresentation = 0
    if encoding.slope is not None:
        data.RescaleSlope, data.RescaleIntercept = encoding.slope, encoding.intercept
        data.RescaleType = "US"
    if encoding.window:
        low = top - brightest if encoding.inverted else 0.0
        slope, intercept = (1.0, 0.0)
        if encoding.slope is not None:
            slope, intercept = encoding.slope, encoding.intercept
        data.WindowCenter = f"{slope * (low + brightest / 2) + intercept:.1f}"
        data.WindowWidth = f"{slope * brightest:.1f}"
    data.PixelData = stored.tobytes()
