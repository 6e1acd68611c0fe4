"""What becomes of each image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from polyclinic.runtime.reads import BaseReader
from polyclinic.sample import Spacing

BATCH = 4
"""Images at a time, unless the reader or the user says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to write for each image, and how many are read at a time.

    Args:
        out: folder of the outputs, there on every machine that reads.
        formats: `coco`, `csv`, `overlay`, `restored`.
        spacing: stated for every image that has no scale of its own.
        batch_size: images at a time; None leaves it to the reader.
        alike: ids that some file system would give one file name (`names.alike`).
    """

    out: Path
    formats: frozenset[str]
    spacing: Spacing | None = None
    batch_size: int | None = None
    alike: frozenset[str] = frozenset()

    def batch_of(self, reader: BaseReader) -> int:
        """Images at a time with this reader."""
        return self.batch_size or getattr(reader, "batch_size", None) or BATCH
