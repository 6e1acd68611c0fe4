"""A folder of images without annotations."""

from __future__ import annotations

from pathlib import Path

from polyclinic.data.cohort import Cohort
from polyclinic.data.dicom import described, is_dicom
from polyclinic.data.images import DICOM_SUFFIXES, SUFFIXES, image_size
from polyclinic.errors import DataError
from polyclinic.sample import Sample

INDEX = "DICOMDIR"
"""Name that DICOM media give to their list of files, which is no image (PS3.10, 8.6)."""


def image_files(folder: Path) -> list[Path]:
    """The image files of a folder and the folders in it, by name; hidden ones are left out.

    DICOM files are known by what they hold, for their names say nothing.
    """
    return sorted(
        file
        for file in folder.rglob("*")
        if not any(part.startswith(".") for part in file.relative_to(folder).parts)
        and (file.suffix.lower() in SUFFIXES or _is_other_image(file))
    )


def _is_other_image(file: Path) -> bool:
    named = file.suffix.lower() in DICOM_SUFFIXES and file.is_file()
    return file.name != INDEX and (named or is_dicom(file))


def read_folder(folder: Path) -> Cohort:
    """Samples of which nothing is annotated; the path inside the folder is the image id.

    Raises:
        DataError: the folder holds no images.
        ImageError: a file is no image.
    """
    files = image_files(folder)
    if not files:
        raise DataError(
            "holds neither annotations nor images",
            expected="a COCO file, labelme files or images",
            where=str(folder),
        )
    return Cohort(samples=tuple(image_sample(one, folder) for one in files), name=folder.name)


def image_sample(file: Path, folder: Path) -> Sample:
    """A sample of which nothing is annotated; DICOM files say whose it is and its scale.

    Raises:
        ImageError: the file is no image.
    """
    return described(
        Sample(
            image_id=file.relative_to(folder).as_posix(),
            size=image_size(file),
            file=str(file.absolute()),
        )
    )
