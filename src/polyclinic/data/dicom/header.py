"""A DICOM file without its pixels, read once as long as it stays as it was.

A folder is listed, a film opened, described and asked for its pages: each wants the header.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from polyclinic.data.dicom.faults import check_image, frame_count, in_plain_words
from polyclinic.data.dicom.identity import Identity, identity_of
from polyclinic.data.dicom.recognise import is_dicom
from polyclinic.data.dicom.spacing import find_spacing
from polyclinic.errors import ImageError
from polyclinic.own_process import OwnOfProcess
from polyclinic.sample import Spacing

State = tuple[int, ...]
Said = TypeVar("Said")

_SETTLED_NS = 2_000_000_000
"""A file changed within this time may change again without another time stamp: it is not kept."""


def state_of(path: str | Path) -> State | None:
    """What tells one state of a file from another; None where nothing does."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    changed = found.st_mtime_ns, found.st_ctime_ns
    if time.time_ns() - max(changed) < _SETTLED_NS:
        return None
    return found.st_dev, found.st_ino, found.st_size, *changed


class Known(Generic[Said]):
    """What was said of files, by their state; for several threads.

    Args:
        most: the oldest go beyond as many.
    """

    def __init__(self, most: int) -> None:
        self._most, self._said, self._lock = most, dict[State, Said](), OwnOfProcess(Lock)

    def get(self, state: State | None) -> Said | None:
        """What was said of a file in this state."""
        return None if state is None else self._said.get(state)

    def keep(self, state: State | None, said: Said) -> None:
        """Remember what a file says that had this state before it was read."""
        if state is None:
            return
        with self._lock():
            self._said[state] = said
            if len(self._said) > self._most:
                del self._said[next(iter(self._said))]


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
        notes: how size of pixel and byte order were found, and where the picture points.
        doubts: what may make the picture, or lengths in it, other than they look.
    """

    size: tuple[int, int]
    frames: int
    spacing: Spacing
    identity: Identity
    modality: str
    orientation: tuple[str, ...]
    notes: tuple[str, ...]
    doubts: tuple[str, ...] = ()


_DIRECTION = re.compile("[AFHLPR]{1,3}")

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
    found = find_spacing(dataset)
    orientation = _orientation(dataset)
    points = (f"orientation: {' and '.join(orientation)}, not applied",) if orientation else ()
    return DicomHeader(
        size=(int(dataset.Rows), int(dataset.Columns)),
        frames=frame_count(dataset),
        spacing=found.spacing,
        identity=identity_of(dataset),
        modality=str(dataset.get("Modality") or "").strip(),
        orientation=orientation,
        notes=(*notes, *found.notes, *points),
        doubts=(*found.doubts, *_drawn_into(dataset)),
    )


def _orientation(header: Dataset) -> tuple[str, ...]:
    """Patient Orientation where it is one (PS3.3, C.7.6.1.1.1): what else stands there is text."""
    stated = header.get("PatientOrientation") or ()
    values = tuple(str(one) for one in ((stated,) if isinstance(stated, str) else stated))
    return values if all(_DIRECTION.fullmatch(one) for one in values) else ()


def _drawn_into(header: Dataset) -> Iterator[str]:
    """What the file says of marks and faces in its pixels (PS3.3, C.7.6.1.1.4 and C.7.6.1)."""
    if _says_yes(header, "BurnedInAnnotation"):
        yield "burned-in annotation: text, which may name the patient, is part of the pixels"
    if _says_yes(header, "RecognizableVisualFeatures"):
        yield "recognizable visual features: the patient may be known by the pixels"


def _says_yes(header: Dataset, name: str) -> bool:
    return str(header.get(name) or "").strip().upper() == "YES"


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
