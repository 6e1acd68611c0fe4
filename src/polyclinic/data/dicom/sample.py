"""What a DICOM file says, given to a sample that does not say it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from polyclinic.data.dicom.header import read_header
from polyclinic.data.dicom.recognise import is_dicom
from polyclinic.errors import ImageError
from polyclinic.sample import UNKNOWN_SIZE, Sample


def described(sample: Sample) -> Sample:
    """The sample with scale and identity of its DICOM file where it is silent itself.

    The scale is that of the file's pixels: a sample that is stated for another size takes it when
    it is loaded.

    Samples of other files come back as they are. So do those whose file can't be read: whoever
    asks for the pixels is told why.
    """
    if sample.file is None or not is_dicom(sample.file):
        return sample
    try:
        header = read_header(sample.file)
    except ImageError:
        return sample
    said: dict[str, Any] = {
        name: value
        for name, value in asdict(header.identity).items()
        if getattr(sample, name) is None
    }
    if "patient_id" not in said:
        said.pop("patient_key", None)
    if not sample.spacing.known and sample.size in (header.size, UNKNOWN_SIZE):
        said["spacing"] = header.spacing
    return replace(sample, **said)
