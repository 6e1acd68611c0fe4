"""Where the files lie that a table names."""

from __future__ import annotations

from pathlib import Path


def locate(name: str, table: Path, inside: str) -> Path:
    """A file as named from the folder of its table, else in the folder `inside` beside it."""
    beside, within = table.parent / name, table.parent / inside / name
    return (within if exists(within) and not exists(beside) else beside).absolute()


def exists(file: Path) -> bool:
    """Whether this is a file; no cell of a table, however long, breaks the question."""
    try:
        return file.is_file()
    except OSError:
        return False
