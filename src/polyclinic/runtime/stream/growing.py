"""A part of an output that grows on disk until all of it is known."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any


def json_text(value: Any) -> str:
    """As `write_json` writes it."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


class Growing:
    """Text, or the rows of a JSON list.

    Args:
        file: is begun anew.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.empty = True
        file.write_bytes(b"")

    def add(self, text: str) -> None:
        """Append text as it is."""
        with self.file.open("a", encoding="utf-8", newline="") as stream:
            stream.write(text)
        self.empty = self.empty and not text

    def add_rows(self, rows: Iterable[Any]) -> None:
        """Append rows to a list that is written without its brackets."""
        texts = [json_text(row) for row in rows]
        if texts:
            self.add(("" if self.empty else ", ") + ", ".join(texts))

    def copy_to(self, stream: IO[str]) -> None:
        """Append all of it to a file that is being written."""
        with self.file.open(encoding="utf-8", newline="") as grown:
            shutil.copyfileobj(grown, stream, 2**20)
