"""What a user names on the command line, as samples to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from polyclinic.data import open_cohort
from polyclinic.data.dicom import described
from polyclinic.data.folder import image_files
from polyclinic.data.images import SUFFIXES
from polyclinic.data.tables.read import is_table
from polyclinic.errors import DataError
from polyclinic.sample import Sample, Spacing

UNKNOWN_SIZE = (0, 0)


def samples_from(inputs: Sequence[Path], spacing: Spacing | None = None) -> list[Sample]:
    """Files, folders of images and data sets as samples without pixels.

    Args:
        inputs: image files, folders (all images in them, sorted by name), COCO files or
            tables.
        spacing: stated for every image that has no scale of its own.

    Raises:
        DataError: an input does not exist, or holds no image.
    """
    samples = [sample for one in inputs for sample in _samples(one)]
    if spacing is not None:
        samples = [s if s.spacing.known else replace(s, spacing=spacing) for s in samples]
    return samples


def _samples(path: Path) -> list[Sample]:
    if not path.exists():
        raise DataError("there is no such file or folder", where=str(path))
    if path.is_dir():
        files = image_files(path)
        if not files:
            raise DataError(
                "holds no image",
                expected=f"DICOM files, or files named {', '.join(sorted(SUFFIXES))}",
                where=str(path),
            )
        return [_file(file, str(file.relative_to(path))) for file in files]
    if path.suffix.lower() == ".json" or is_table(path):
        return list(open_cohort(path).samples)
    return [_file(path, path.name)]


def _file(path: Path, name: str) -> Sample:
    return described(Sample(image_id=name, size=UNKNOWN_SIZE, file=str(path)))
