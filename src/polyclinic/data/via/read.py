"""VIA's CSV export to a cohort, by way of our own tables: a row an object."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from polyclinic.data.cohort import Cohort
from polyclinic.data.completeness import has_error, not_annotated
from polyclinic.data.findings import Finding
from polyclinic.data.tables.columns import Columns, known_columns
from polyclinic.data.tables.objects import DrawnObjects
from polyclinic.data.tables.read import open_sheet
from polyclinic.data.tables.sheet import Record, Sheet
from polyclinic.data.via.names import LANDMARK, Naming, find_naming
from polyclinic.data.via.objects import Cells, object_cells, object_columns, objects_of
from polyclinic.data.via.regions import (
    ATTRIBUTES,
    OF_FILE,
    SHAPE,
    Region,
    read_attributes,
    read_region,
)

VIA = frozenset({SHAPE, ATTRIBUTES})
"""Columns by which the table is known."""

_FILE = ("filename", "#filename")


def open_via(sheet: Sheet, findings: list[Finding]) -> tuple[Cohort, list[Finding]]:
    """The cohort of the points, rectangles and outlines of a file, and the faults that are refused.

    Args:
        sheet: a table with the columns `VIA`.
        findings: what was said of it so far.
    """
    doubts: list[Finding] = []
    regions, lost = _regions(sheet, doubts)
    sound = [one for one in regions.values() if one is not None]
    points = [one for one in sound if one.shape == "point"]
    image = next((name for name in _FILE if name in sheet.columns), None)
    naming = find_naming(points)
    if image is None:
        findings = [*findings, sheet.place().error("has no column 'filename'", "VIA's columns")]
    if naming is None:
        findings = [*findings, _nameless(sheet)]
    if image is None or naming is None or any(one.severity == "error" for one in findings):
        return Cohort(samples=(), name=sheet.path.name), findings
    drawn = DrawnObjects()
    rows = dict(_object_rows(sheet, image, regions, naming, lost, drawn))
    doubts += lost
    said = {one.number: read_attributes(sheet, one, OF_FILE, doubts) for one in sheet.records}
    records = tuple(Record(number, said[number] | cells) for number, cells in rows.items())
    doubts += _unread(sheet, points, naming)
    columns = _with_images(object_columns(sound, naming), image, said)
    cohort, faults = open_sheet(replace(sheet, records=records), columns, findings, drawn)
    return replace(cohort, skipped=(*doubts, *cohort.skipped)), faults


def _regions(
    sheet: Sheet, findings: list[Finding]
) -> tuple[dict[int, Region | None], list[Finding]]:
    """The region of each row that has one, None where it can't be read; and why not."""
    regions: dict[int, Region | None] = {}
    lost: list[Finding] = []
    for record in sheet.records:
        said: list[Finding] = []
        region = read_region(sheet, record, said)
        if has_error(said):
            regions[record.number] = None
            lost += not_annotated(said, "instances")
        elif region is not None:
            regions[record.number] = region
            findings += said
    return regions, lost


def _object_rows(
    sheet: Sheet,
    image: str,
    regions: Mapping[int, Region | None],
    naming: Naming,
    lost: list[Finding],
    drawn: DrawnObjects,
) -> Iterator[tuple[int, Cells]]:
    """Row number and cells of each object, and of each image without any.

    Args:
        sheet: the export.
        image: name of the column of the images.
        regions: by row; None where there is one that can't be read.
        naming: what they call things.
        lost: why objects can't be read is added here.
        drawn: outlines, and the rows whose object can't be read, are added here.
    """
    of_image: defaultdict[str, list[int]] = defaultdict(list)
    for record in sheet.records:
        of_image[record[image]].append(record.number)
    for file, numbers in of_image.items():
        read = [regions[number] for number in numbers if number in regions]
        rows: dict[int, Cells] = {}
        for parts in objects_of([one for one in read if one is not None]):
            said: list[Finding] = []
            cells = object_cells(sheet, parts, naming, said)
            lost += not_annotated(said, "instances")
            number = parts[0].record.number
            rows[number] = cells or {}
            if cells is None:
                drawn.lost.add(number)
            drawn.outlines[number] = [one.mask for one in parts if one.is_outline]
        rows = rows or {numbers[0]: {}}
        if None in read:
            drawn.lost.add(next(iter(rows)))
        for number, cells in rows.items():
            yield number, cells | {image: file}


def _with_images(columns: Columns, image: str, said: Mapping[int, Cells]) -> Columns:
    """Columns of what is said of the images: keys that are known, and labels."""
    names = dict.fromkeys(name for cells in said.values() for name in cells)
    known = known_columns(names) | {"image": image}
    labels = tuple(name for name in names if name not in known.values())
    return replace(columns, known=known | columns.known, labels=labels)


def _nameless(sheet: Sheet) -> Finding:
    return sheet.place(column=ATTRIBUTES).error(
        "no attribute says which landmark a point is",
        f"an attribute {LANDMARK[0]!r} of each point, or {', '.join(LANDMARK[1:])}",
        "add it in VIA and export again",
    )


def _unread(sheet: Sheet, points: list[Region], naming: Naming) -> Iterator[Finding]:
    """Attributes of points that nothing is made of."""
    counts = Counter(name for one in points for name in naming.labels(one))
    for name, times in counts.items():
        yield sheet.place(column=ATTRIBUTES).note(
            f"{name!r} of {times} points is not read",
            hint="labels of an object are read from its rectangle or outline",
        )
