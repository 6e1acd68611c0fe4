"""A folder of images without annotations."""

from __future__ import annotations

from pathlib import Path

from polyclinic.data.cohort import Cohort
from polyclinic.data.dicom import described
from polyclinic.data.images import image_size
from polyclinic.data.listing import list_images
from polyclinic.errors import DataError
from polyclinic.sample import Sample


def read_folder(folder: Path) -> Cohort:
    """Samples of which nothing is annotated; the path inside the folder is the image id.

    What was passed over is named in `Cohort.skipped`.

    Raises:
        DataError: the folder holds no images.
        ImageError: a file is no image.
    """
    listing = list_images(folder)
    if not listing.images:
        raise DataError(
            "; ".join(["holds neither annotations nor images", *listing.said]),
            expected="a COCO file, labelme files or images",
            where=str(folder),
        )
    samples = tuple(image_sample(one, folder) for one in listing.images)
    return Cohort(samples=samples, name=folder.name, skipped=listing.findings)


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
