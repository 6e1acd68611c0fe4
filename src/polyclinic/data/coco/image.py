"""One entry of COCO's `images` to a `Sample` without pixels, and back.

Added to COCO: `patient_id`, `study_id`, `laterality`, `site`, `device`, `age`, `sex`,
`spacing_mm` [row, column], `spacing_source`, `labels` {task: value}, `raters` {name: {task:
value}}, `annotated` [kinds that are complete on this image], `split` and `sharp_file_name`, the
same field in focus.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from polyclinic.data.coco.document import Row
from polyclinic.data.coco.faults.numbers import are_finite, are_numbers
from polyclinic.data.coco.labels import label_findings, read_labels
from polyclinic.data.damage import spreadsheet_error, stands_for_nothing
from polyclinic.data.demographics import read_age, read_sex
from polyclinic.data.findings import Finding, Place
from polyclinic.data.persons import person_id
from polyclinic.errors import DataError
from polyclinic.sample import Sample, Spacing, SpacingOrigin

PERSON: Mapping[str, Callable[[object], str | None]] = {
    "patient_id": person_id,
    "study_id": person_id,
}
"""Keys that say whose images belong together: what is wrong with one spoils every split."""
IDENTITY: tuple[str, ...] = (*PERSON, "laterality", "site", "device")
DEMOGRAPHICS: Mapping[str, Callable[[object], Any]] = {"age": read_age, "sex": read_sex}
_READ: Mapping[str, Callable[[object], Any]] = {**PERSON, **DEMOGRAPHICS}
PARTS = ("train", "val", "test", "calibration")
"""Calibration patients show how far measurements err; a split may do without them."""
_SPELLINGS = {
    "train": ("train", "training", "tr", "trn", "learn"),
    "val": ("val", "valid", "validation", "dev", "development", "tune", "tuning"),
    "test": ("test", "testing", "tst", "te", "holdout", "held out"),
    "calibration": ("calibration", "calib", "cal"),
}
PARTNER_KEY = "sharp_file_name"


def to_sample(row: Row, size: tuple[int, int], file: Path) -> Sample:
    """A sample of an image row, without instances.

    What the row says wrongly is left out; `image_findings` names it.
    """
    return Sample(
        image_id=row["id"],
        size=size,
        file=str(file),
        **{key: read_identity(row, key) for key in (*IDENTITY, *DEMOGRAPHICS)},
        spacing=read_spacing(row),
        labels=read_labels(row),
        raters=read_raters(row),
        annotated=read_annotated(row),
        flags=tuple(f"scale: {one.what}: not used" for one in _scale_findings(row, Place(""))),
        extra=row,
    )


def read_identity(row: Mapping[str, Any], key: str) -> Any:
    """What a row says under one of the keys of identity; None where that can't be used."""
    try:
        return _identity(row, key)
    except DataError:
        return None


def _identity(row: Mapping[str, Any], key: str) -> Any:
    value, read = row.get(key), _READ.get(key)
    if value is None or read is not None:
        return None if read is None else read(value)
    text = str(value)
    if spreadsheet_error(text) or stands_for_nothing(text):
        raise DataError(f"{key} is {text!r}", expected="a text", hint="leave it out")
    return text


def read_part(value: object) -> str | None:
    """The part of a split that a word names, such as `Training`; None of other words."""
    word = " ".join(re.sub(r"[\s_-]+", " ", str(value)).casefold().split())
    return next((part for part, words in _SPELLINGS.items() if word in words), None)


def person_findings(row: Mapping[str, Any], place: Place) -> list[Finding]:
    """Why a row does not say whose image it is, though it seems to; no such set is opened."""
    return _unread_identity(row, PERSON, place)


def _unread_identity(row: Mapping[str, Any], keys: Iterable[str], place: Place) -> list[Finding]:
    findings = []
    for key in keys:
        try:
            _identity(row, key)
        except DataError as error:
            what = error.what if error.what.startswith(key) else f"{key} {error.what}"
            findings.append(place.error(what, error.expected, error.hint))
    return findings


def image_findings(row: Row, place: Place) -> list[Finding]:
    """What an image row says in a form that can't be used."""
    findings = [*_scale_findings(row, place), *label_findings(row, place)]
    findings += _rater_findings(row, place)
    findings += _unread_identity(row, (*IDENTITY[len(PERSON) :], *DEMOGRAPHICS), place)
    if row.get("split") not in (None, "") and read_part(row["split"]) is None:
        findings.append(place.error(f"split is {row['split']!r}", f"one of {', '.join(PARTS)}"))
    name = row.get(PARTNER_KEY)
    if not isinstance(name, str | None) or name == "":
        findings.append(place.error(f"{PARTNER_KEY} is {name!r}", "the path of an image"))
    if not isinstance(row.get("annotated", []), list | None):
        findings.append(place.error(f"annotated is {row['annotated']!r}", "[task, ...]"))
    return findings


def _scale_findings(row: Mapping[str, Any], place: Place) -> Iterator[Finding]:
    if row.get("spacing_mm") is not None:
        try:
            _spacing(row)
        except DataError as error:
            yield place.error(error.what, error.expected, "the image has no scale now")


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
    for key in (*IDENTITY, *DEMOGRAPHICS):
        value = getattr(sample, key)
        if value != read_identity(row, key):
            row[key] = value
    stated = read_spacing(before)
    if sample.spacing.known and sample.spacing != stated:
        row["spacing_mm"] = [sample.spacing.row_mm, sample.spacing.column_mm]
        row["spacing_source"] = sample.spacing.origin
    elif stated.known and not sample.spacing.known:  # it was stated for another size
        del row["spacing_mm"]
        row.pop("spacing_source", None)
    if dict(sample.labels) != read_labels(before):
        row["labels"] = dict(sample.labels)
    if {name: dict(said) for name, said in sample.raters.items()} != read_raters(before):
        row["raters"] = {name: dict(said) for name, said in sample.raters.items()}
    if sample.annotated not in (None, read_annotated(before)) and not unread:
        assert sample.annotated is not None
        row["annotated"] = sorted(sample.annotated)
    return row
