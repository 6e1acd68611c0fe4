"""Where the files lie that annotations name, whatever system wrote the path."""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote


def locate(name: str, table: Path, inside: str) -> Path:
    """A file as named from the folder of its table, else in the folder `inside` beside it.

    The path is taken as it is written: first to the letter, then with backslashes for slashes and
    `%20` and its like decoded, and at last with other capitals or in another Unicode form (`ü` as
    one letter or as two), where one file alone is meant. It is always the whole path: no file of
    the same name in another folder takes the place.

    Args:
        name: as it stands in the annotations.
        table: the file of the annotations.
        inside: name of a folder beside it.

    Returns:
        The absolute path; where there is no such file, the path as it is written.
    """
    folders = (table.parent, table.parent / inside) if inside else (table.parent,)
    written = [folder / one for one in _spellings(name) for folder in folders]
    found = next((file for file in written if exists(file)), None)
    if found is None:
        alike = (_alike(folder, one) for one in _spellings(name) for folder in folders)
        found = next((file for file in alike if file is not None), table.parent / name)
    return _tidied(found)


def locate_beside(name: str, file: Path, suffixes: frozenset[str]) -> Path | None:
    """The file that may be meant where the path as written leads nowhere: to be said aloud.

    It lies beside the annotations and has the name that ends the path, else the name of the
    annotations with the suffix of an image: that which the path has, if there is such a file.

    Args:
        name: the path as it is written; may be empty.
        file: of the annotations.
        suffixes: of images, in small letters.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    if last and exists(found := locate(last, file, "")):
        return found
    wanted = PurePosixPath(last).suffix.lower()
    alike = [
        one
        for one in sorted(file.parent.glob("*"))
        if one.suffix.lower() in suffixes and _plain(one.stem) == _plain(file.stem)
    ]
    alike.sort(key=lambda one: one.suffix.lower() != wanted)
    return _tidied(alike[0]) if alike else None


def _tidied(file: Path) -> Path:
    """Absolute and without `..`, unless a linked folder gives these another meaning."""
    whole = file.absolute()
    short = Path(os.path.normpath(whole))
    return short if exists(short) == exists(whole) else whole


def exists(file: Path) -> bool:
    """Whether this is a file; no cell of a table, however long, breaks the question."""
    try:
        return file.is_file()
    except (OSError, ValueError):
        return False


def _spellings(name: str) -> Iterator[str]:
    """The path as it is written, with slashes, and with what is percent-encoded decoded."""
    yield name
    slashed = name.replace("\\", "/")
    if slashed != name:
        yield slashed
    if "%" in slashed:
        yield unquote(slashed)


def _alike(folder: Path, name: str) -> Path | None:
    """The only file at a path but for capitals and Unicode forms; None for none and for several."""
    here = folder
    for part in PurePosixPath(name).parts:
        if part in ("/", "..") or _is_there(here / part):
            here /= part
            continue
        names = _names(here).get(_plain(part), [])
        if len(names) != 1:
            return None
        here /= names[0]
    return here if exists(here) else None


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _names(folder: Path) -> dict[str, list[str]]:
    """The names in a folder by what they are but for capitals and Unicode forms."""
    try:
        return _listed(str(folder), folder.stat().st_mtime_ns)
    except (OSError, ValueError):
        return {}


@lru_cache(maxsize=64)
def _listed(folder: str, changed: int) -> dict[str, list[str]]:
    """The names in a folder as it was when it was changed last, in nanoseconds."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for entry in os.scandir(folder):
        names[_plain(entry.name)].append(entry.name)
    return names


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
