"""Files that are either whole or not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` and rename it to `path` when the block ends well.

    The suffix is kept, since some writers choose the format by it. Folders are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_text(text: str, path: Path) -> Path:
    """Write UTF-8 text; line ends stay as they are."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8", newline="")
    return path


def write_json(value: Any, path: Path, *, indent: int | None = None) -> Path:
    """Write strict JSON: NaN is refused."""
    return write_text(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent), path)
