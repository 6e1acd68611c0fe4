"""One entry of COCO's `images` to a `Sample` without pixels, and back.

Added to COCO: `patient_id`, `study_id`, `laterality`, `site`, `device`, `spacing_mm` [row, column],
`spacing_source`, `labels` {task: value}, `raters` {name: {task: value}}, `annotated` [kinds
that are complete on this image] and `sharp_file_name`, the same field in focus.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polyclinic.data.coco.document import Row
from polyclinic.data.coco.faults.numbers import are_finite, are_numbers
from polyclinic.data.coco.labels import label_findings, read_labels
from polyclinic.data.findings import Finding, Place
from polyclinic.errors import DataError
from polyclinic.sample import Sample, Spacing, SpacingOrigin

IDENTITY = ("patient_id", "study_id", "laterality", "site", "device")
PARTNER_KEY = "sharp_file_name"


def to_sample(row: Row, size: tuple[int, int], file: Path) -> Sample:
    """A sample of an image row, without instances.

    What the row says wrongly is left out; `image_findings` names it.
    """
    return Sample(
        image_id=row["id"],
        size=size,
        file=str(file),
        patient_id=_text(row, "patient_id"),
        study_id=_text(row, "study_id"),
        laterality=_text(row, "laterality"),
        site=_text(row, "site"),
        device=_text(row, "device"),
        spacing=read_spacing(row),
        labels=read_labels(row),
        raters=read_raters(row),
        annotated=read_annotated(row),
        extra=row,
    )


def _text(row: Mapping[str, Any], key: str) -> str | None:
    return None if row.get(key) is None else str(row[key])


def image_findings(row: Row, place: Place) -> list[Finding]:
    """What an image row says in a form that can't be used."""
    findings = []
    if row.get("spacing_mm") is not None:
        try:
            _spacing(row)
        except DataError as error:
            findings.append(place.error(error.what, error.expected, "the image has no scale now"))
    findings += label_findings(row, place)
    findings += _rater_findings(row, place)
    name = row.get(PARTNER_KEY)
    if not isinstance(name, str | None) or name == "":
        findings.append(place.error(f"{PARTNER_KEY} is {name!r}", "the path of an image"))
    if not isinstance(row.get("annotated", []), list | None):
        findings.append(place.error(f"annotated is {row['annotated']!r}", "[task, ...]"))
    return findings


def read_spacing(row: Mapping[str, Any]) -> Spacing:
    """The pixel size; unknown where it is missing or impossible.

    `spacing_mm` without `spacing_source` was given by someone: "assumed".
    """
    if row.get("spacing_mm") is None:
        return Spacing.unknown()
    try:
        return _spacing(row)
    except DataError:
        return Spacing.unknown()


def _spacing(row: Mapping[str, Any]) -> Spacing:
    values = row["spacing_mm"]
    if not are_numbers(values) or not are_finite(values) or len(values) != 2:
        raise DataError(f"spacing_mm is {values!r}", expected="[row, column] in mm per pixel")
    origin: SpacingOrigin = row.get("spacing_source") or "assumed"
    return Spacing(row_mm=float(values[0]), column_mm=float(values[1]), origin=origin)


def read_annotated(row: Mapping[str, Any]) -> frozenset[str] | None:
    """The kinds that the row says are complete; None where it says nothing."""
    annotated = row.get("annotated")
    return frozenset(map(str, annotated)) if isinstance(annotated, list) else None


def read_raters(row: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Who looked at the image, and the labels that each gave it."""
    raters = row.get("raters")
    if isinstance(raters, list):
        return {str(name): {} for name in raters if isinstance(name, str | int)}
    if not isinstance(raters, dict):
        return {}
    return {str(name): read_labels({"labels": said}) for name, said in raters.items()}


def _rater_findings(row: Mapping[str, Any], place: Place) -> list[Finding]:
    raters = row.get("raters")
    if not isinstance(raters, dict | list | None):
        return [place.error(f"raters is {raters!r}", "{name: {label: value}}")]
    said = raters.values() if isinstance(raters, dict) else ()
    return [one for labels in said for one in label_findings({"labels": labels}, place)]


def from_sample(
    sample: Sample, file_name: str, sharp_file_name: str | None = None, *, unread: bool = False
) -> Row:
    """Write a sample's image row; what has not changed stays as it was in the file.

    Args:
        sample: the image.
        file_name: what the file calls it.
        sharp_file_name: the same of its sharp partner.
        unread: its objects could not be read and are written back as they stood, with what the
            file says of them.
    """
    before = sample.extra
    row = dict(before)
    row["id"], row["file_name"] = sample.image_id, file_name
    if before.get("width") is not None or not before:
        row["height"], row["width"] = sample.size
    if sharp_file_name is not None:
        row[PARTNER_KEY] = sharp_file_name
    for key in IDENTITY:
        value = getattr(sample, key)
        if value != _text(row, key):
            row[key] = value
    if sample.spacing.known and sample.spacing != read_spacing(before):
        row["spacing_mm"] = [sample.spacing.row_mm, sample.spacing.column_mm]
        row["spacing_source"] = sample.spacing.origin
    if dict(sample.labels) != read_labels(before):
        row["labels"] = dict(sample.labels)
    if {name: dict(said) for name, said in sample.raters.items()} != read_raters(before):
        row["raters"] = {name: dict(said) for name, said in sample.raters.items()}
    if sample.annotated not in (None, read_annotated(before)) and not unread:
        assert sample.annotated is not None
        row["annotated"] = sorted(sample.annotated)
    return row
