"""Which files of a folder are images: one rule, for whoever looks into folders.

A file is an image where its name says so (`SUFFIXES`), or what it holds: DICOM files, and pictures
without a suffix or with an odd one. Linked folders are followed, each folder once. Hidden files,
the index of DICOM media, and texts are no images and nothing is said of them; every other file that
is passed over is counted by the kind that its name says.
"""

from __future__ import annotations

import os
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from polyclinic.data.dicom import is_dicom
from polyclinic.data.findings import Finding, Place
from polyclinic.data.images import DICOM_SUFFIXES, SUFFIXES

INDEX = "DICOMDIR"
"""Name that DICOM media give to their list of files, which is no image (PS3.10, 8.6)."""

_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF", "JPEG2000", "AVIF", "PPM")
"""What `SUFFIXES` name, by Pillow's names; of its others some are no pictures."""
_HEAD = 512
_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""With which texts of two bytes a character begin."""
_SHOWN = 3
_LINKED_AGAIN = "linked folders that were looked into already"
_LIKE_IMAGES = "folders named like images"
_NO_SUFFIX = "without suffix"


Kinds = defaultdict[str, list[Path]]


@dataclass(frozen=True)
class Listing:
    """The images of a folder, by name, and what was passed over."""

    images: tuple[Path, ...]
    findings: tuple[Finding, ...]

    @property
    def said(self) -> tuple[str, ...]:
        """What the findings say, for a message of one's own."""
        return tuple(one.what for one in self.findings)


def list_images(folder: Path) -> Listing:
    """The images of a folder and of the folders in it, linked ones too."""
    found = _Found(folder)
    for file in files_in(folder, found.folders):
        found.take(file)
    return found.listing()


def list_folder(folder: Path) -> Listing:
    """The images that lie in a folder itself; none of a folder that is not there."""
    found = _Found(folder)
    for entry in _entries(folder):
        if not entry.is_dir():
            found.take(entry)
        elif is_named_like_image(entry):
            found.folders[_LIKE_IMAGES].append(entry)
    return found.listing()


def is_named_like_image(entry: Path) -> bool:
    """Whether the name of a file or folder says that it is an image."""
    return entry.suffix.lower() in SUFFIXES | DICOM_SUFFIXES


def files_in(folder: Path, odd: Kinds | None = None) -> Iterator[Path]:
    """What lies in a folder and the folders in it, but for hidden names; links are followed.

    Args:
        folder: where to begin.
        odd: folders that are named like images are added here, and links to folders that were
            looked into under another name.
    """
    yield from _walk(folder, set(), defaultdict(list) if odd is None else odd)


def _walk(folder: Path, seen: set[tuple[int, int]], odd: Kinds) -> Iterator[Path]:
    state = folder.stat()
    if (state.st_dev, state.st_ino) in seen:
        odd[_LINKED_AGAIN].append(folder)
        return
    seen.add((state.st_dev, state.st_ino))
    links = []
    for entry in _entries(folder):
        if not entry.is_dir():
            yield entry
            continue
        if is_named_like_image(entry):
            odd[_LIKE_IMAGES].append(entry)
        if entry.is_symlink():
            links.append(entry)
        else:
            yield from _walk(entry, seen, odd)
    # Where a folder and a link to it lie side by side, its files go by their own name.
    for link in links:
        yield from _walk(link, seen, odd)


def _entries(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(one for one in folder.iterdir() if not one.name.startswith("."))


class _Found:
    """What was found in a folder so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folders: Kinds = defaultdict(list)
        self._images: list[Path] = []
        self._others: Kinds = defaultdict(list)

    def take(self, file: Path) -> None:
        """Sort in what is no folder."""
        if _is_image(file):
            self._images.append(file)
        elif file.name != INDEX and not (file.is_file() and _is_text(file)):
            self._others[_kind(file)].append(file)

    def listing(self) -> Listing:
        """All of it."""
        finding = _passed_over(self.folder, {**self._others, **self.folders})
        return Listing(tuple(sorted(self._images)), () if finding is None else (finding,))


def _is_image(file: Path) -> bool:
    named = is_named_like_image(file)
    if not file.is_file():  # a link to nothing is an image that can't be read, a pipe is none
        return named and file.is_symlink() and not file.exists()
    if named:
        return True
    return file.name != INDEX and (is_dicom(file) or _is_picture(file))


def _is_picture(file: Path) -> bool:
    """Whether a file holds a picture though its name does not say so; no pixel is decoded."""
    if _is_text(file):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(file, formats=_FORMATS):
                return True
    except Image.DecompressionBombError:
        return True
    except Exception:  # what begins like a picture and is none makes decoders raise whatever comes
        return False


def _is_text(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return False
    if head.startswith(_MARKS):
        return True
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # The last character may be cut by the end of the head.
        return error.start > len(head) - 4 and len(head) == _HEAD
    return b"\0" not in head and bool(head)


def _kind(file: Path) -> str:
    if not file.is_file():
        return "links to nothing" if file.is_symlink() else "neither files nor folders"
    try:
        size = file.stat().st_size
    except OSError:
        size = 1
    if not size:
        return "empty files"
    suffixes = [one.lower() for one in file.suffixes[-2:]]
    return "".join(suffixes if suffixes[-1:] == [".gz"] else suffixes[-1:]) or _NO_SUFFIX


def _passed_over(folder: Path, others: dict[str, list[Path]]) -> Finding | None:
    """One warning that counts what is left out, by kind, or None."""
    if not others:
        return None
    number = sum(map(len, others.values()))
    kinds = []
    for kind, files in sorted(others.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        named = ", ".join(_inside(file, folder) for file in files[:_SHOWN])
        kinds.append(f"{len(files)} {kind} ({named}{', ...' if len(files) > _SHOWN else ''})")
    return Place(str(folder)).warning(
        f"{number} that {'is' if number == 1 else 'are'} no image of a kind that is read "
        f"{'is' if number == 1 else 'are'} passed over: {', '.join(kinds)}",
        hint="save images among them as PNG or TIFF",
    )


def _inside(file: Path, folder: Path) -> str:
    return os.fspath(file.relative_to(folder))
