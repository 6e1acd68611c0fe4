"""A folder of images without annotations."""

from __future__ import annotations

from pathlib import Path

from polyclinic.data.cohort import Cohort
from polyclinic.data.images import SUFFIXES, image_size
from polyclinic.errors import DataError
from polyclinic.sample import Sample


def image_files(folder: Path) -> list[Path]:
    """The image files of a folder and the folders in it, by name; hidden ones are left out."""
    return sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in SUFFIXES
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    )


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
    """A sample of which nothing is annotated.

    Raises:
        ImageError: the file is no image.
    """
    return Sample(
        image_id=file.relative_to(folder).as_posix(),
        size=image_size(file),
        file=str(file.absolute()),
    )
