"""VIA's CSV export to a cohort, by way of our own tables: a row an object."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding
from polyclinic.data.tables.columns import Columns, known_columns
from polyclinic.data.tables.read import open_sheet
from polyclinic.data.tables.sheet import Record, Sheet
from polyclinic.data.via.names import LANDMARK, Naming, find_naming, object_key
from polyclinic.data.via.objects import Cells, object_cells, object_columns
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
    """The cohort of the points and rectangles of a file, and the faults that are refused.

    Args:
        sheet: a table with the columns `VIA`.
        findings: what was said of it so far.
    """
    doubts: list[Finding] = []
    read = {one.number: read_region(sheet, one, doubts) for one in sheet.records}
    regions = {number: region for number, region in read.items() if region is not None}
    points = [one for one in regions.values() if one.shape == "point"]
    image = next((name for name in _FILE if name in sheet.columns), None)
    naming = find_naming(points)
    if image is None:
        findings = [*findings, sheet.place().error("has no column 'filename'", "VIA's columns")]
    if naming is None:
        findings = [*findings, _nameless(sheet)]
    if image is None or naming is None or any(one.severity == "error" for one in findings):
        return Cohort(samples=(), name=sheet.path.name), findings
    rows = dict(_object_rows(sheet, image, regions, naming, doubts))
    said = {one.number: read_attributes(sheet, one, OF_FILE, doubts) for one in sheet.records}
    records = tuple(Record(number, said[number] | cells) for number, cells in rows.items())
    doubts += _unread(sheet, points, naming)
    columns = _with_images(object_columns([*regions.values()], naming), image, said)
    cohort, faults = open_sheet(replace(sheet, records=records), columns, findings)
    return replace(cohort, skipped=(*doubts, *cohort.skipped)), faults


def _object_rows(
    sheet: Sheet,
    image: str,
    regions: Mapping[int, Region],
    naming: Naming,
    findings: list[Finding],
) -> Iterator[tuple[int, Cells]]:
    """Row number and cells of each object, and of each image without any."""
    of_image: defaultdict[str, list[int]] = defaultdict(list)
    for record in sheet.records:
        of_image[record[image]].append(record.number)
    for file, numbers in of_image.items():
        objects: defaultdict[tuple[str, ...], list[Region]] = defaultdict(list)
        for number in numbers:
            if number in regions:
                objects[object_key(regions[number])].append(regions[number])
        found = [
            (parts[0].record.number, object_cells(sheet, parts, naming, findings))
            for parts in objects.values()
        ]
        for number, cells in found or [(numbers[0], {})]:
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
            hint="labels of an object are read from its rectangle",
        )
