"""Faults after which no row of a COCO file can be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from polyclinic.data.coco.document import Row, is_coco, named_row, rows
from polyclinic.data.coco.image import person_findings
from polyclinic.data.coco.labels import says_nothing
from polyclinic.data.findings import Finding, Place

_LISTS = ("images", "categories", "annotations")
_KEYS: dict[str, dict[str, tuple[type, ...]]] = {
    "images": {"id": (int, str), "file_name": (str,)},
    "categories": {"id": (int,), "name": (str,)},
    "annotations": {"id": (int, str), "image_id": (int, str)},
}
_LONGEST_SIDE = 10**6
_SPOKEN = {int: "a whole number", str: "a text"}


def structure_findings(document: Any, file: str) -> list[Finding]:
    """Wrong types, then doubled ids and ids that nothing has; empty where all is well."""
    if not is_coco(document):
        return [
            Place(file).error(
                "holds no list of images",
                'a COCO object {"images": [...], "annotations": [...], "categories": [...]}',
            )
        ]
    types = list(_type_findings(document, file))
    if types:
        return types
    doubled = [finding for key in _LISTS for finding in _doubled_ids(document, key, file)]
    return [*doubled, *_unknown_ids(document, file)]


def name_findings(document: Row, file: str) -> list[Finding]:
    """Classes and people whose names are none, such as `nan`; of a sound structure.

    A data set with such names is not opened: who belongs together can't be told.
    """
    return [*_nameless_classes(document, file), *_nameless_people(document, file)]


def _nameless_classes(document: Row, file: str) -> Iterator[Finding]:
    for index, row in enumerate(rows(document, "categories")):
        if says_nothing(row["name"]):
            yield Place(file, named_row("category", row, index)).error(
                f"'name' is {row['name']!r}", "the name of a class"
            )


def _nameless_people(document: Row, file: str) -> Iterator[Finding]:
    for index, row in enumerate(rows(document, "images")):
        yield from person_findings(row, Place(file, named_row("image", row, index)))


def _type_findings(document: Row, file: str) -> Iterator[Finding]:
    for key in _LISTS:
        found = document.get(key)
        if found is not None and not isinstance(found, list):
            yield Place(file).error(f"{key!r} is no list", "a list of rows")
            continue
        for index, row in enumerate(found or ()):
            place = Place(file, f"{key} row {index}")
            if isinstance(row, dict):
                yield from _key_findings(row, _KEYS[key], place)
            else:
                yield place.error("is no object", "a row in braces")


def _key_findings(row: Row, kinds: dict[str, tuple[type, ...]], place: Place) -> Iterator[Finding]:
    for side in ("width", "height") if kinds is _KEYS["images"] else ():
        if row.get(side) is not None and not row.get("error") and not _is_side(row[side]):
            yield place.error(f"{side!r} is {row[side]!r}", "a whole number of pixels above 0")
    for name, allowed in kinds.items():
        value = row.get(name)
        if not isinstance(value, allowed) or isinstance(value, bool) or value == "":
            expected = " or ".join(_SPOKEN[kind] for kind in allowed)
            yield place.error(f"{name!r} is {value!r}", expected)


def _is_side(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 1 <= value <= _LONGEST_SIDE and float(value).is_integer()


def _doubled_ids(document: Row, key: str, file: str) -> Iterator[Finding]:
    seen: dict[int | str, int] = {}
    for index, row in enumerate(rows(document, key)):
        first = seen.setdefault(row["id"], index)
        if first != index:
            yield Place(file, f"{key} rows {first} and {index}").error(
                f"id {row['id']!r} is used twice", "unique ids", "give each row its own id"
            )


def _unknown_ids(document: Row, file: str) -> Iterator[Finding]:
    images = {row["id"] for row in rows(document, "images")}
    categories = {row["id"] for row in rows(document, "categories")}
    hint = "add the missing row or remove the annotation"
    for index, row in enumerate(rows(document, "annotations")):
        place = Place(file, named_row("annotation", row, index))
        category = row.get("category_id")
        if row["image_id"] not in images:
            yield place.error(
                f"image_id {row['image_id']!r} is not in the file", "an id under 'images'", hint
            )
        if category is not None and not (isinstance(category, int) and category in categories):
            yield place.error(
                f"category_id {category!r} is not in the file", "an id under 'categories'", hint
            )
