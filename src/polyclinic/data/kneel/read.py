"""KNEEL's annotation table to a cohort, by way of our own tables.

Each film was resampled to 0.3 mm, given a border of 100 pixels, and a square of 466 pixels was
cut out; the squares of left knees were mirrored. Of these the table counts x' = 466 - x, while
pixel x of the square lies at 465 - x of the mirrored picture: the table's points of left knees
lie one pixel to the right of what they mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding
from polyclinic.data.tables.columns import Columns, PointColumns
from polyclinic.data.tables.numbers import as_number
from polyclinic.data.tables.read import open_sheet
from polyclinic.data.tables.sheet import Record, Sheet
from polyclinic.errors import DataError
from polyclinic.sample import Sample
from polyclinic.schema.knee import FEMUR, KNEE, KNEE_CLASSES, KNEE_LANDMARKS, NATIVE, TIBIA

SIDE = 466
"""Pixels on each side of a picture."""

SPACING_MM = 0.3
BORDER = 100
"""Pixels around the resampled film."""

BBOX = "kneel_bbox"
"""Key of an image that keeps the square: x1, y1, x2, y2 on the resampled film with its border."""

PATIENT_SIDE = "side"
"""Label of a picture: whose knee it is. It is no laterality: every picture shows a right knee."""

Points = NDArray[np.float64]


def in_picture(points: Points, *, mirrored: bool) -> Points:
    """(K, 2) x, y of the table as pixel indices of the picture."""
    return points - (1, 0) if mirrored else points


def on_film(landmarks: Points, sample: Sample) -> Points:
    """Landmarks of a picture as pixel indices of its film at 0.3 mm, without the border.

    Args:
        landmarks: (K, 2 or more) x, y and whatever else; pixel indices of the picture.
        sample: the picture, as it was opened.

    Raises:
        DataError: the sample does not say where on its film it lay.
    """
    if BBOX not in sample.extra:
        raise DataError(
            "its place on the film is not known",
            expected=f"{BBOX}, as from KNEEL's table",
            where=str(sample.image_id),
        )
    placed = landmarks.copy()
    if sample.labels.get(PATIENT_SIDE) == "left":
        placed[:, 0] = SIDE - 1 - placed[:, 0]
    placed[:, :2] += np.array(sample.extra[BBOX][:2]) - BORDER
    return placed


IMAGE = "subject_id, kl, side"
GRADES = ("0", "1", "2", "3", "4")
SIDES = {"L": "left", "R": "right"}
_BONES = {"tibia": TIBIA, "femur": FEMUR}
_BETWEEN = re.compile(r"[\s,;]+")

COLUMNS = Columns(
    known={
        "image": IMAGE,
        "patient_id": "subject_id",
        "class": "class",
        **{name: name for name in ("spacing_mm", "spacing_source", "width", "height")},
    },
    points=tuple(
        PointColumns(name, f"x of {name}", f"y of {name}") for name in KNEE_LANDMARKS.names
    ),
    object_labels={"kl": "kl", KNEE: KNEE},
    labels=(PATIENT_SIDE,),
)
"""What the cells mean that `table_cells` writes."""

_ALL = {
    "spacing_mm": str(SPACING_MM),
    "spacing_source": "detector",
    "width": str(SIDE),
    "height": str(SIDE),
    # Left knees are mirrored: what the picture shows is a right knee.
    "class": KNEE_CLASSES[0],
}


def identity_findings(sheet: Sheet, record: Record) -> list[Finding]:
    """What keeps a row from naming its picture."""
    wrong = []
    if not record["subject_id"]:
        wrong.append(("subject_id", "a subject"))
    if record["side"] not in SIDES:
        wrong.append(("side", "L or R"))
    if record["kl"] not in GRADES:
        wrong.append(("kl", "0, 1, 2, 3 or 4"))
    return [
        sheet.place(record, column).error(
            f"{record[column]!r} can't be" if record[column] else "is empty", expected
        )
        for column, expected in wrong
    ]


def table_cells(sheet: Sheet, record: Record, findings: list[Finding]) -> dict[str, str]:
    """The cells of a row in the columns of `COLUMNS`.

    Args:
        sheet: KNEEL's table.
        record: a row of which `identity_findings` says nothing.
        findings: what is wrong with its points is added here; the knee then has none.
    """
    subject, grade, side = record["subject_id"], record["kl"], record["side"]
    cells = {
        IMAGE: f"{subject}_{grade}_{side}.png",
        "subject_id": subject,
        PATIENT_SIDE: SIDES[side],
        **_ALL,
    }
    found = [_points(sheet, record, bone, len(_BONES[bone]), findings) for bone in _BONES]
    sound = [points for points in found if points is not None]
    if len(sound) < len(found):
        return cells
    for names, points in zip(_BONES.values(), sound, strict=True):
        placed = in_picture(points, mirrored=side == "L").tolist()
        for name, (x, y) in zip(names, placed, strict=bool(placed)):
            cells |= {f"x of {name}": repr(x), f"y of {name}": repr(y)}
            cells |= {"kl": grade, KNEE: NATIVE}
    return cells


def square(sheet: Sheet, record: Record, findings: list[Finding]) -> list[float] | None:
    """Where the picture lay on its film; None, with a finding, where that can't be."""
    found = _numbers(record["bbox"])
    if found is not None and len(found) == 4:
        x1, y1, x2, y2 = found
        if (x2 - x1, y2 - y1) == (SIDE, SIDE):
            return found
    findings.append(
        sheet.place(record, "bbox").warning(
            f"{record['bbox']!r} is no square of {SIDE} pixels",
            "x1, y1, x2, y2 on the film",
            "the landmarks can't be taken back to the film",
        )
    )
    return None


def _points(
    sheet: Sheet, record: Record, bone: str, count: int, findings: list[Finding]
) -> Points | None:
    """(count, 2) x, y as the table has them, (0, 2) for an empty cell; None with a finding."""
    if not record[bone]:
        return np.zeros((0, 2))
    found = _numbers(record[bone])
    if found is not None and len(found) == 2 * count:
        return np.array(found).reshape(count, 2)
    what = "holds something else than numbers" if found is None else f"holds {len(found)} numbers"
    findings.append(
        sheet.place(record, bone).error(
            what, f"{2 * count}: x, y of {count} points", "the points of this knee are left out"
        )
    )
    return None


def _numbers(cell: str) -> list[float] | None:
    """The numbers of a cell, with commas between them; None where anything else stands there."""
    found = [as_number(text) for text in _BETWEEN.split(cell.strip("[] "))]
    numbers = [value for value in found if value is not None]
    return numbers if len(numbers) == len(found) else None


KNEEL = frozenset({"subject_id", "side", "kl", "tibia", "femur", "bbox"})
"""Columns by which the table is known; `center` repeats what `bbox` says."""


def open_kneel(sheet: Sheet, findings: list[Finding]) -> tuple[Cohort, list[Finding]]:
    """The cohort of the pictures `SUBJECT_KL_SIDE.png`, and the faults that are refused.

    Args:
        sheet: a table with the columns `KNEEL`.
        findings: what was said of it so far.
    """
    findings = [*findings, *_doubled(sheet)]
    findings += [said for one in sheet.records for said in identity_findings(sheet, one)]
    if any(finding.severity == "error" for finding in findings):
        return Cohort(samples=(), name=sheet.path.name), findings
    doubts: list[Finding] = []
    rows = [table_cells(sheet, record, doubts) for record in sheet.records]
    squares = {
        row[IMAGE]: square(sheet, record, doubts)
        for row, record in zip(rows, sheet.records, strict=True)
    }
    records = tuple(
        Record(record.number, row) for row, record in zip(rows, sheet.records, strict=True)
    )
    cohort, faults = open_sheet(replace(sheet, records=records), COLUMNS, findings)
    samples = tuple(
        replace(one, extra={**one.extra, BBOX: found}) if found else one
        for one, found in ((one, squares[str(one.image_id)]) for one in cohort.samples)
    )
    return replace(cohort, samples=samples, skipped=(*doubts, *cohort.skipped)), faults


def _doubled(sheet: Sheet) -> Iterator[Finding]:
    first: dict[tuple[str, ...], Record] = {}
    for record in sheet.records:
        knee = tuple(record[column] for column in ("subject_id", "kl", "side"))
        earlier = first.setdefault(knee, record)
        if earlier is not record:
            yield sheet.place(record).error(
                f"is the knee of row {earlier.number} again", "each knee once"
            )
