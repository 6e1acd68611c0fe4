"""What is read with what: two reads of one fingerprint give the same outputs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from polyclinic.runtime.engines import Job, ReaderSource
from polyclinic.sample import Sample

READER_FILES = frozenset(
    {"config.yaml", "model.safetensors", "calibration.json", "folds.json", "stages.json"}
)
"""Files of a run, its folds and its stages that decide what is read."""
_PACKAGES = ("polyclinic", "torch", "onnxruntime", "openvino")
_BLOCK = 2**20


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """What decides the outputs of a read.

    Args:
        reader: SHA-256 of the files of the reader.
        precision: how the reader computes.
        formats: what is written.
        spacing: stated for images without a scale: mm a row, mm a column.
        images: how many there are.
        inputs: SHA-256 of what is known of them before they are opened.
        versions: of the packages that read.
    """

    reader: str
    precision: str
    formats: tuple[str, ...]
    spacing: tuple[float, float] | None
    images: int
    inputs: str
    versions: Mapping[str, str]

    @classmethod
    def of(cls, source: ReaderSource, samples: Sequence[Sample], job: Job) -> Fingerprint:
        """Take it; the reader is loaded, every file looked up, and no image opened.

        Raises:
            RunError: there is no reader.
        """
        spacing = job.spacing
        return cls(
            reader=reader_digest(source.path),
            precision=source.load().precision,
            formats=tuple(sorted(job.formats)),
            spacing=None if spacing is None else (spacing.row_mm, spacing.column_mm),
            images=len(samples),
            inputs=inputs_digest(samples),
            versions=_versions(),
        )

    def differences(self, other: Fingerprint) -> list[str]:
        """What is not as it was, in words; `other` is the earlier one."""
        found = []
        if self.reader != other.reader:
            found.append("the reader is another")
        if self.images != other.images:
            found.append(f"{self.images} images instead of {other.images}")
        elif self.inputs != other.inputs:
            found.append("the images are others, or were changed")
        for name, mine, theirs in (
            ("--format", ",".join(self.formats), ",".join(other.formats)),
            ("--spacing-um", _micrometres(self.spacing), _micrometres(other.spacing)),
            ("precision", self.precision, other.precision),
            *(
                (package, self.versions.get(package), other.versions.get(package))
                for package in _PACKAGES
            ),
        ):
            if mine != theirs:
                found.append(f"{name} {_said(mine)} instead of {_said(theirs)}")
        return found

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Fingerprint:
        """From the plain values of a JSON file.

        Raises:
            TypeError: a value is missing.
        """
        spacing = values["spacing"]
        known = {
            "formats": tuple(values["formats"]),
            "spacing": None if spacing is None else tuple(spacing),
        }
        return cls(**(dict(values) | known))


def reader_digest(path: Path) -> str:
    """SHA-256 of an exported file, or of the files of a run that decide what it reads.

    What was made from these, such as graphs for a faster runtime, has no part in it.
    """
    known = sorted(file for file in path.rglob("*") if file.name in READER_FILES)
    digest = hashlib.sha256()
    for file in known if path.is_dir() else [path]:
        digest.update(str(file.relative_to(path)).encode())
        with file.open("rb") as content:
            while block := content.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def inputs_digest(samples: Sequence[Sample]) -> str:
    """SHA-256 of names, identities and scales of images, and of the dates of their files."""
    digest = hashlib.sha256()
    for one in samples:
        said = (
            *(one.image_id, one.file, one.size, astuple(one.spacing), one.patient_id),
            *(one.study_id, one.laterality, one.site, one.device, _state(one.file)),
        )
        digest.update(repr(said).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _state(file: str | None) -> tuple[int, int] | None:
    try:
        known = Path(file or "").stat()
    except OSError:
        return None
    return known.st_size, known.st_mtime_ns


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # an exported reader needs no torch
            continue
    return found


def _micrometres(spacing: tuple[float, float] | None) -> str | None:
    return None if spacing is None else f"{spacing[0] * 1000:g}"


def _said(value: str | None) -> str:
    return "not given" if value is None else value
