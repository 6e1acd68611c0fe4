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
from polyclinic.data.coco.image import from_sample
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
    document["images"] = [from_sample(s, _file_name(s, folder)) for s in cohort.samples]
    fresh = _fresh_ids(cohort)
    annotations = [dict(row) for row in cohort.unread]
    for sample in cohort.samples:
        for instance in sample.instances or ():
            category = None if instance.category is None else category_ids[instance.category]
            new_id = next(fresh) if instance.id is None else instance.id
            annotations.append(
                annotation_row(instance, sample.size, new_id, sample.image_id, category)
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
    if folder is None:
        return str(given or Path(sample.file).name)
    if given is not None and image_file(given, folder) == Path(sample.file):
        return str(given)
    return Path(os.path.relpath(sample.file, folder.absolute())).as_posix()
