"""The file of an exported reader: a zip of graphs and of `reader.json`."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polyclinic.atomic import replacing
from polyclinic.errors import RunError

READER = "reader.json"
FORMAT = 1


def write_container(path: Path, document: Mapping[str, Any], members: Mapping[str, bytes]) -> Path:
    """Write everything, or nothing.

    Args:
        path: of the file.
        document: what `reader.json` says.
        members: serialised graphs by name.
    """
    with replacing(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as file:
        file.writestr(READER, json.dumps({"format": FORMAT, **document}, indent=1))
        for name, content in members.items():
            file.writestr(name, content)
    return path


class Container:
    """An exported reader as it lies on disk.

    Args:
        path: of the file.

    Raises:
        RunError: there is no such file, it is damaged, or of a later version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.document: dict[str, Any] = json.loads(self._member(READER))
        except ValueError:
            raise RunError("reader.json is damaged", where=str(path), hint="export again") from None
        if self.document.get("format") != FORMAT:
            raise RunError(
                f"has the format {self.document.get('format')!r}",
                expected=str(FORMAT),
                where=str(path),
                hint="read it with the version of polyclinic that exported it, or export again",
            )

    def graph(self, name: str) -> bytes:
        """A serialised graph.

        Raises:
            RunError: it is missing or damaged.
        """
        return self._member(name)

    def _member(self, name: str) -> bytes:
        try:
            with zipfile.ZipFile(self.path) as file:
                return file.read(name)
        except FileNotFoundError:
            raise RunError("there is no such file", where=str(self.path)) from None
        except (zipfile.BadZipFile, KeyError, OSError, EOFError) as error:
            raise RunError(
                f"is no exported reader, or is damaged ({type(error).__name__}: {name})",
                expected="a file that polyclinic export wrote",
                where=str(self.path),
            ) from None
