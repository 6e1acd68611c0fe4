"""DICOM files to pixels, scale and identity, without anybody's name.

Recognised by what a file holds (`recognise`); the header alone (`header`) with its scale
(`spacing`) and identity (`identity`); the pixels (`decode`), what they measure (`modality`), how
they are shown (`window`, `show`); all of it in one order, logged (`read`); what can go wrong, in
plain words (`faults`, `codecs`).
"""

from polyclinic.data.dicom.header import DicomHeader, read_header
from polyclinic.data.dicom.read import DicomImage, read_dicom
from polyclinic.data.dicom.recognise import is_dicom
from polyclinic.data.dicom.sample import described

__all__ = [
    "DicomHeader",
    "DicomImage",
    "described",
    "is_dicom",
    "read_dicom",
    "read_header",
]
