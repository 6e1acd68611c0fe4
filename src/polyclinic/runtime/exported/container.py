"""The file of an exported reader: a zip of graphs and of `reader.json`."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polyclinic.atomic import replacing
from polyclinic.errors import RunError

READER = "reader.json"
FORMAT = 3
CHECKSUMS = "sha256"
"""Key of the checksums of the members, by name; files of earlier versions have none."""
DAMAGED = (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, RuntimeError, ValueError)
"""What reading a zip with changed bytes may end in."""


def write_container(path: Path, document: Mapping[str, Any], members: Mapping[str, bytes]) -> Path:
    """Write everything, or nothing.

    Args:
        path: of the file.
        document: what `reader.json` says.
        members: serialised graphs by name.
    """
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in members.items()}
    said = {"format": FORMAT, **document, CHECKSUMS: checksums}
    with replacing(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as file:
        file.writestr(READER, json.dumps(said, indent=1))
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
        self.document = _parsed(self._member(READER), path)
        if self.document.get("format") != FORMAT:
            raise RunError(
                f"has the format {self.document.get('format')!r}",
                expected=str(FORMAT),
                where=str(path),
                hint="read it with the version of polyclinic that exported it, or export again",
            )
        for key in ("runtime", "reader"):
            if key not in self.document:
                raise RunError(f"{READER} lacks {key!r}", where=str(path), hint="export again")

    def graph(self, name: str) -> bytes:
        """A serialised graph, of which a checksum is looked at where the file holds one.

        Raises:
            RunError: it is missing or damaged.
        """
        content = self._member(name)
        known = self.document.get(CHECKSUMS, {}).get(name)
        if known is not None and known != hashlib.sha256(content).hexdigest():
            raise RunError(
                f"{name} in it does not have the checksum that was written with it",
                expected=f"SHA-256 {known}",
                where=str(self.path),
                hint="copy the file again, or export again",
            )
        return content

    def _member(self, name: str) -> bytes:
        try:
            with zipfile.ZipFile(self.path) as file:
                return file.read(name)
        except FileNotFoundError:
            raise RunError("there is no such file", where=str(self.path)) from None
        except DAMAGED as error:
            raise RunError(
                f"is no exported reader, or is damaged ({type(error).__name__}: {name})",
                expected="a file that polyclinic export wrote",
                where=str(self.path),
            ) from None


def _parsed(text: bytes, path: Path) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if isinstance(document, dict):
        return document
    raise RunError(f"{READER} is damaged", where=str(path), hint="export again")
