"""A cohort to a COCO file; what came from a COCO file unchanged is written as it was."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

from polyclinic.atomic import write_json
from polyclinic.data.coco.annotation_row import annotation_row
from polyclinic.data.coco.categories import ordered_categories
from polyclinic.data.coco.document import Row
from polyclinic.data.coco.image import PARTNER_KEY, from_sample
from polyclinic.data.coco.read import image_file
from polyclinic.data.cohort import Cohort
from polyclinic.sample import Sample
from polyclinic.schema.category_rows import category_rows


def write_coco(cohort: Cohort, path: str | Path) -> None:
    """Write annotations; images stay where they are and are named from the file's folder."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(to_coco(cohort, path.parent), path)


def to_coco(cohort: Cohort, folder: Path | None = None) -> Row:
    """A cohort as a COCO object.

    Args:
        cohort: what to write.
        folder: where the JSON will lie; file names are given from there. None: as they came.
    """
    document: Row = dict(cohort.extra)
    if "categories" not in document:
        document["categories"] = category_rows(cohort.classes, cohort.landmark_schema)
    category_ids = [int(row["id"]) for row in ordered_categories(document)]
    unread = {row["image_id"] for row in cohort.unread}
    document["images"] = [
        from_sample(
            one,
            _file_name(one, folder),
            _partner_name(one, folder),
            unread=one.image_id in unread,
        )
        for one in cohort.samples
    ]
    fresh = _fresh_ids(cohort)
    annotations = [dict(row) for row in cohort.unread]
    for sample in cohort.samples:
        for instance in sample.instances or ():
            category = None if instance.category is None else category_ids[instance.category]
            new_id = next(fresh) if instance.id is None else instance.id
            annotations.append(
                annotation_row(
                    instance,
                    sample.size,
                    new_id,
                    sample.image_id,
                    category,
                    cohort.landmark_schema,
                )
            )
    order = {number: place for place, number in enumerate(cohort.annotation_order)}
    annotations.sort(key=lambda row: order.get(row["id"], len(order)))
    document["annotations"] = annotations
    return document


def _fresh_ids(cohort: Cohort) -> Iterator[int]:
    instances = (one.id for sample in cohort.samples for one in sample.instances or ())
    used = [*instances, *cohort.annotation_order]
    return itertools.count(max((one for one in used if isinstance(one, int)), default=0) + 1)


def _file_name(sample: Sample, folder: Path | None) -> str:
    """The name in the file it came from where that still leads to the image."""
    given = sample.extra.get("file_name")
    if sample.file is None:
        return str(given or sample.image_id)
    return _name(sample.file, given, folder)


def _partner_name(sample: Sample, folder: Path | None) -> str | None:
    """The same of the sharp partner; None where there is none."""
    if sample.sharp_file is None:
        return None
    return _name(sample.sharp_file, sample.extra.get(PARTNER_KEY), folder)


def _name(file: str, given: str | None, folder: Path | None) -> str:
    if folder is None:
        return str(given or Path(file).name)
    if given is not None and image_file(given, folder) == Path(file):
        return str(given)
    return Path(os.path.relpath(file, folder.absolute())).as_posix()
