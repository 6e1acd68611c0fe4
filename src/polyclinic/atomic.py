"""Files that are either whole or not there."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

_LONGEST_STEM = 150
"""Bytes of a name that an unfinished file keeps; file systems take 255."""


def check_writable(path: Path) -> None:
    """Check that a file can be written, before the work that fills it; makes nothing.

    Raises:
        OSError: it is a folder, its folders can't be made, or nothing can be written there.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    folder = next(one for one in path.absolute().parents if os.path.lexists(one))
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    try:
        with TemporaryFile(dir=folder):
            return
    except OSError as error:
        error.filename = str(path)
        raise


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` and rename it to `path` when the block ends well.

    The suffix is kept, since some writers choose the format by it. Folders are made. The content
    is on disk before the rename, so that a power cut leaves the old file or the new one. The
    temporary path is always the same, so that what a kill leaves is written over next time.

    Raises:
        OSError: among others, another process has just written the same file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stem = path.stem.encode(errors="surrogateescape")[:_LONGEST_STEM].decode(errors="ignore")
    part = path.with_name(f".{stem}.part{path.suffix}")
    try:
        yield part
        try:
            with part.open("rb") as written:
                os.fsync(written.fileno())
            part.replace(path)
        except FileNotFoundError:
            said = "another process has just written this file"
            raise OSError(errno.EBUSY, said, str(path)) from None
    except OSError as error:
        if error.filename is None and error.errno:  # a full disk does not say of which file
            error.filename = str(path)
        raise
    finally:
        part.unlink(missing_ok=True)


def write_text(text: str, path: Path) -> Path:
    """Write UTF-8 text; line ends stay as they are."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8", newline="")
    return path


def write_bytes(content: bytes, path: Path) -> Path:
    """Write bytes."""
    with replacing(path) as part:
        part.write_bytes(content)
    return path


def write_json(value: Any, path: Path, *, indent: int | None = None) -> Path:
    """Write strict JSON: NaN is refused."""
    return write_text(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent), path)
