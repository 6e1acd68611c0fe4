"""A CSV table to a cohort."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from polyclinic.data.coco.image import PARTNER_KEY, image_findings, to_sample
from polyclinic.data.cohort import Cohort
from polyclinic.data.completeness import ObjectsRead
from polyclinic.data.dicom import described
from polyclinic.data.findings import Finding
from polyclinic.data.images import SUFFIXES, image_size
from polyclinic.data.partner import with_partner
from polyclinic.data.tables.cells import decimal_commas
from polyclinic.data.tables.columns import PARTNER, Columns, sort_columns
from polyclinic.data.tables.labels import Values, label_values, object_label_values
from polyclinic.data.tables.locate import exists, locate
from polyclinic.data.tables.objects import OBJECT, DrawnObjects, ObjectRows
from polyclinic.data.tables.pictures import Picture, missing_pictures, read_pictures
from polyclinic.data.tables.schema import Sidecar, class_names, landmark_schema, read_sidecar
from polyclinic.data.tables.sheet import TABLE_SUFFIXES, Sheet
from polyclinic.errors import ImageError
from polyclinic.sample import Instance, Sample


def is_table(path: Path) -> bool:
    """Whether a path is a file that its name calls a table."""
    return path.suffix.lower() in TABLE_SUFFIXES and path.is_file()


def open_table(sheet: Sheet, findings: list[Finding]) -> tuple[Cohort, list[Finding]]:
    """The cohort without images that can't be used, and the faults that are refused.

    Without samples where the table as a whole can't be trusted.

    Args:
        sheet: the table.
        findings: what was said of its form.

    Raises:
        DataError: the file beside it can't be read.
    """
    columns, said = sort_columns(sheet)
    return open_sheet(sheet, columns, [*findings, *said])


def open_sheet(
    sheet: Sheet, columns: Columns, findings: list[Finding], drawn: DrawnObjects | None = None
) -> tuple[Cohort, list[Finding]]:
    """As `open_table`, of a table whose columns are told apart.

    Args:
        sheet: the table.
        columns: what its columns mean.
        findings: what was said of it so far; an error among them is a fault of the whole.
        drawn: what is known of its objects besides the cells.

    Raises:
        DataError: the file beside it can't be read.
    """
    path = sheet.path
    labels, doubts = label_values(sheet, columns.labels)
    of_objects, more = object_label_values(sheet, columns.object_labels)
    sidecar = read_sidecar(path)
    findings = [*findings, *doubts, *more, *decimal_commas(sheet, columns.numeric)]
    findings += _one_object_a_row(sheet, columns, sidecar)
    faults = [finding for finding in findings if finding.severity == "error"]
    if faults:
        return Cohort(samples=(), name=path.name), findings
    pictures = read_pictures(sheet, columns, labels, findings)
    faults = missing_pictures(sheet, columns, pictures)
    objects = _object_rows(sheet, columns, sidecar, of_objects, drawn or DrawnObjects())
    found = [_sample(one, objects, findings, faults) for one in pictures if exists(one.file)]
    samples = tuple(sample for sample in found if sample is not None)
    cohort = Cohort(
        samples=samples,
        classes=objects.classes,
        landmark_schema=objects.schema,
        name=path.name,
        annotation_order=tuple(
            one.id for sample in samples for one in sample.instances or () if one.id is not None
        ),
        skipped=tuple(findings),
    )
    return cohort, faults


def _one_object_a_row(sheet: Sheet, columns: Columns, sidecar: Sidecar) -> list[Finding]:
    """A mask of several objects leaves open which of them has the landmarks, box or labels."""
    others = (columns.known[name] for name in ("x1", "class") if name in columns.known)
    beside = [*(one.x for one in columns.points), *others, *columns.object_labels.values()]
    if sidecar.mask_classes and "mask" in columns.known and beside:
        return [
            sheet.place(column=beside[0]).error(
                "stands beside masks of several classes", "one object a row", "use a COCO file"
            )
        ]
    return []


def _object_rows(
    sheet: Sheet,
    columns: Columns,
    sidecar: Sidecar,
    labels: dict[int, Values],
    drawn: DrawnObjects,
) -> ObjectRows:
    names = {record[columns.known.get("class")] for record in sheet.records} - {""}
    if "mask" in columns.known:
        names |= set(sidecar.mask_classes.values())
    schema = landmark_schema(tuple(one.name for one in columns.points), sidecar)
    classes = class_names(names, schema) or (OBJECT,)
    if not columns.hold_objects:
        classes = ()
    return ObjectRows(sheet, columns, classes, schema, sidecar, labels, drawn)


def _sample(
    picture: Picture, objects: ObjectRows, findings: list[Finding], faults: list[Finding]
) -> Sample | None:
    """The sample of an image; None, with a fault, where its file can't be read."""
    sheet, first = objects.sheet, picture.records[0]
    try:
        size = image_size(picture.file)
    except ImageError as error:
        place = sheet.place(first, objects.columns.known["image"])
        faults.append(place.error(f"{picture.row['file_name']} {error.what}", error.expected))
        return None
    row = picture.row | {"height": size[0], "width": size[1]}
    findings += image_findings(row, sheet.place(first))
    sample = to_sample(row, size, picture.file)
    if picture.file.suffix.lower() not in SUFFIXES:  # spares opening every file of a large set
        sample = described(sample)
    if PARTNER_KEY in row:
        place = sheet.place(first, objects.columns.known[PARTNER])
        partner = locate(row[PARTNER_KEY], sheet.path, "images")
        sample, said = with_partner(sample, partner, place)
        findings += said
    if not objects.columns.hold_objects:
        return sample
    instances = _instances(picture, size, objects, findings)
    kinds = {*sample.labels, *(() if instances is None else ("instances",))}
    return replace(sample, instances=instances, annotated=frozenset(kinds))


def _instances(
    picture: Picture, size: tuple[int, int], objects: ObjectRows, findings: list[Finding]
) -> tuple[Instance, ...] | None:
    """The objects of all rows of an image; None where none is annotated, or one can't be read."""
    stated = picture.annotated_size
    if stated is not None and stated != size:
        findings.append(
            objects.sheet.place(picture.records[0]).error(
                f"was annotated on {stated[1]:g} x {stated[0]:g} pixels",
                f"{size[1]} x {size[0]}, as the image",
                "use the image that was annotated; its annotations are left out",
            )
        )
        return None
    read = ObjectsRead()
    said = [objects.read(one, size, picture.row["id"], read) for one in picture.records]
    findings += read.findings
    return read.instances if any(said) else None
