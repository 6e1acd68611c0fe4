"""What a user names on the command line, as samples to be read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import overload

from polyclinic.data import open_cohort
from polyclinic.data.findings import Finding
from polyclinic.data.images import SUFFIXES
from polyclinic.data.listing import list_images
from polyclinic.data.tables.read import is_table
from polyclinic.errors import DataError
from polyclinic.runtime.names import PICTURES
from polyclinic.sample import UNKNOWN_SIZE, Sample


class Samples(Sequence[Sample]):
    """Samples of several inputs, one after the other; those of files are made when asked for.

    Args:
        parts: the samples of each input.
        findings: what of the inputs is passed over, and why.
    """

    def __init__(self, parts: Sequence[Sequence[Sample]], findings: Sequence[Finding] = ()) -> None:
        self._parts, self.findings = parts, tuple(findings)
        self._ends = list(accumulate(len(part) for part in parts))

    def __len__(self) -> int:
        """Number of images."""
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, place: int) -> Sample: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Sample, ...]: ...
    def __getitem__(self, place: int | slice) -> Sample | tuple[Sample, ...]:
        """One sample, or some of them."""
        if isinstance(place, slice):
            return tuple(self[one] for one in range(*place.indices(len(self))))
        row = range(len(self))[place]
        part = bisect_right(self._ends, row)
        return self._parts[part][row - self._ends[part]]


class _Files(Sequence[Sample]):
    """Files of a folder; only their names are kept, and none is opened."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._folder, self._names = folder, names

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, place: int) -> Sample: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Sample, ...]: ...
    def __getitem__(self, place: int | slice) -> Sample | tuple[Sample, ...]:
        if isinstance(place, slice):
            return tuple(self._sample(name) for name in self._names[place])
        return self._sample(self._names[place])

    def _sample(self, name: str) -> Sample:
        return Sample(image_id=name, size=UNKNOWN_SIZE, file=str(self._folder / name))


def samples_from(inputs: Sequence[Path], out: Path | None = None) -> Samples:
    """Files, folders of images and data sets as samples without pixels.

    Files are not opened: what a DICOM file says of its scale and its patient comes with the
    pixels.

    Args:
        inputs: image files, folders (all images in them, sorted by name), COCO files or
            tables.
        out: folder of the outputs; pictures that a read wrote there are left out of folders
            around it.

    Raises:
        DataError: an input does not exist, or holds no image, or the name of a file is no text.
    """
    written = [] if out is None else [(out / name).resolve() for name in PICTURES]
    findings: list[Finding] = []
    return Samples([_samples(one, written, findings) for one in inputs], findings)


def _samples(path: Path, written: Sequence[Path], findings: list[Finding]) -> Sequence[Sample]:
    if not path.exists():
        raise DataError("there is no such file or folder", where=str(path))
    if path.is_dir():
        listing = list_images(path)
        files = _without(listing.images, path, written)
        findings += listing.findings
        if not files:
            raise DataError(
                "; ".join(["holds no image", *listing.said]),
                expected=f"DICOM files, or files named {', '.join(sorted(SUFFIXES))}",
                where=str(path),
            )
        return _Files(path, [_writable(str(file.relative_to(path))) for file in files])
    if path.suffix.lower() == ".json" or is_table(path):
        cohort = open_cohort(path)
        findings += cohort.skipped
        return cohort.samples
    return _Files(path.parent, [_writable(path.name)])


def _writable(name: str) -> str:
    """The name of a file, where outputs can hold it."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raise DataError(
            "the name of this file is no UTF-8 text", where=ascii(name), hint="rename it"
        ) from None
    return name


def _without(files: Sequence[Path], folder: Path, written: Sequence[Path]) -> list[Path]:
    """The files of a folder that lie in none of some folders in it."""
    root = folder.resolve()
    inner = [
        folder / one.relative_to(root)
        for one in written
        if one != root and one.is_relative_to(root)
    ]
    return [one for one in files if not any(one.is_relative_to(other) for other in inner)]
