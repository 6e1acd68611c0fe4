"""One row of KNEEL's table in the cells of ours."""

from __future__ import annotations

import re

import numpy as np

from polyclinic.data.findings import Finding
from polyclinic.data.kneel.frame import PATIENT_SIDE, SIDE, SPACING_MM, Points, in_picture
from polyclinic.data.tables.columns import Columns, PointColumns
from polyclinic.data.tables.numbers import as_number
from polyclinic.data.tables.sheet import Record, Sheet
from polyclinic.schema.knee import FEMUR, KNEE, KNEE_CLASSES, KNEE_LANDMARKS, NATIVE, TIBIA

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
