"""Files that are either whole or not there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` and rename it to `path` when the block ends well.

    The suffix is kept, since some writers choose the format by it. Folders are made. The content
    is on disk before the rename, so that a power cut leaves the old file or the new one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
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
