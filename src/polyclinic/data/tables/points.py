"""Landmark cells of one row to COCO keypoints."""

from __future__ import annotations

from polyclinic.data.findings import Finding
from polyclinic.data.tables.cells import read_number
from polyclinic.data.tables.columns import PointColumns
from polyclinic.data.tables.sheet import Record, Sheet

_NOT_LABELLED = [0.0, 0.0, 0]


def read_points(
    sheet: Sheet,
    record: Record,
    points: tuple[PointColumns, ...],
    size: tuple[int, int],
    findings: list[Finding],
) -> list[float] | None:
    """x, y (pixel indices) and visibility of each landmark; None where none is labelled.

    Args:
        sheet: the table.
        record: its row.
        points: the columns of each landmark.
        size: (height, width) of the image.
        findings: what is wrong with any cell is added here.
    """
    keypoints = [value for one in points for value in _point(sheet, record, one, size, findings)]
    return keypoints if any(keypoints[2::3]) else None


def _point(
    sheet: Sheet,
    record: Record,
    point: PointColumns,
    size: tuple[int, int],
    findings: list[Finding],
) -> list[float]:
    before = len(findings)
    x, y = (read_number(sheet, record, column, findings) for column in (point.x, point.y))
    seen = read_number(sheet, record, point.visibility, findings)
    if len(findings) > before:
        return _NOT_LABELLED
    if seen not in (None, 0, 1, 2):
        findings.append(
            sheet.place(record, point.visibility).error(
                f"visibility is {seen:g}", "0 (not labelled), 1 (hidden) or 2 (visible)"
            )
        )
    if x is None or y is None:
        _say_half(sheet, record, point, (x is None) != (y is None), seen, findings)
        return _NOT_LABELLED
    if seen != 0:
        _say_far(sheet, record, point, (x, y), size, findings)
    return [x, y, 2 if seen is None else int(seen)]


def _say_half(
    sheet: Sheet,
    record: Record,
    point: PointColumns,
    half: bool,
    seen: float | None,
    findings: list[Finding],
) -> None:
    if half or seen:
        empty = point.y if record[point.x] else point.x
        findings.append(
            sheet.place(record, empty).error(
                "is empty", f"both coordinates of {point.name!r}, or none and no visibility"
            )
        )


def _say_far(
    sheet: Sheet,
    record: Record,
    point: PointColumns,
    position: tuple[float, float],
    size: tuple[int, int],
    findings: list[Finding],
) -> None:
    """Refuse what no rounding and no cut film explains: further out than the image is large."""
    sides = ((point.x, position[0], size[1]), (point.y, position[1], size[0]))
    for column, value, side in sides:
        if not -side <= value <= 2 * side:
            findings.append(
                sheet.place(record, column).error(
                    f"{value:g} lies far outside the image of {size[1]} x {size[0]} pixels",
                    f"0 to {side - 1}",
                    "was it measured in another unit, or on an image of another size?",
                )
            )
