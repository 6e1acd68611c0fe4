"""DICOM files made for a test, with a patient whose name must never come out."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

NAME, BIRTH, PATIENT, STUDY = (
    "Quixote^Alonso",
    "15470929",
    "LM-1605-77",
    "1.2.826.0.1.3680043.8.9.1",
)
SECRETS = ("Quixote", "Alonso", BIRTH, PATIENT, STUDY)
CR = "1.2.840.10008.5.1.4.1.1.1"


def dataset(array, **tags):
    """A file in memory: the tags that follow from the array, then those given."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax = tags.pop("syntax", ExplicitVRLittleEndian)
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CR, generate_uid()
    order = {"is_implicit_VR": False, "is_little_endian": syntax.is_little_endian}
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128, **order)
    ds.SOPClassUID, ds.SOPInstanceUID = CR, meta.MediaStorageSOPInstanceUID
    ds.PatientName, ds.PatientBirthDate = NAME, BIRTH
    ds.PatientID, ds.StudyInstanceUID = PATIENT, STUDY
    ds.Modality = "CR"
    colour = array.ndim == 3
    ds.Rows, ds.Columns = array.shape[:2]
    ds.SamplesPerPixel = 3 if colour else 1
    ds.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        ds.PlanarConfiguration = 0
    bits = array.dtype.itemsize * 8
    ds.BitsAllocated = ds.BitsStored = bits
    ds.HighBit = bits - 1
    ds.PixelRepresentation = int(array.dtype.kind == "i")
    ds.PixelData = array.tobytes()
    ds["PixelData"].VR = "OW" if bits > 8 else "OB"
    for name, value in tags.items():
        if value is None:
            delattr(ds, name)
        else:
            setattr(ds, name, Sequence(value) if name.endswith("Sequence") else value)
    return ds


def saved(path, array, **tags):
    dataset(array, **tags).save_as(path, enforce_file_format=True)
    return path


def ramp(kind=np.uint16, top=4095, shape=(20, 30)):
    return np.linspace(0, top, shape[0] * shape[1]).reshape(shape).round().astype(kind)
