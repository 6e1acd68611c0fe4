"""COCO categories to class names and one landmark schema.

A category may add `swap`: pairs of keypoint names that change places when the image is mirrored,
and `sigmas`: one OKS sigma a keypoint, as a share of the object's scale. `skeleton` holds pairs
of 1-based keypoint numbers, as in COCO.
"""

from __future__ import annotations

from polyclinic.data.coco.document import Row, rows
from polyclinic.data.coco.faults.numbers import are_finite, are_numbers
from polyclinic.errors import DataError
from polyclinic.schema import LandmarkSchema


def ordered_categories(document: Row) -> list[Row]:
    """The categories by ascending id: the order of class names and of `Instance.category`."""
    return sorted(rows(document, "categories"), key=lambda row: int(row["id"]))


def class_names(document: Row, file: str) -> tuple[str, ...]:
    """Class names by ascending category id.

    Raises:
        DataError: two categories have one name.
    """
    names = tuple(row["name"] for row in ordered_categories(document))
    for name in names:
        if names.count(name) > 1:
            raise DataError(
                f"{names.count(name)} categories are named {name!r}",
                expected="one category a name",
                where=file,
            )
    return names


def landmark_schema(document: Row, file: str) -> LandmarkSchema | None:
    """The schema that all categories with keypoints share; None when none has keypoints.

    Raises:
        DataError: categories declare different keypoints, or a list that can't be read.
    """
    schemas = {row["name"]: _schema(row, file) for row in ordered_categories(document)}
    given = {name: schema for name, schema in schemas.items() if schema is not None}
    if not given:
        return None
    (first_name, first), *others = given.items()
    for name, schema in others:
        if schema != first:
            raise DataError(
                f"categories {first_name!r} and {name!r} declare different keypoints",
                expected="the same keypoints, skeleton, swap and sigmas in each category that "
                "has any",
                where=file,
                hint="split the data set into one file a landmark schema",
            )
    return first


def _schema(row: Row, file: str) -> LandmarkSchema | None:
    if not row.get("keypoints"):
        return None
    names = tuple(row["keypoints"]) if isinstance(row["keypoints"], list) else ()
    where = f"{file}, category {row['id']}"
    if not names or not all(isinstance(name, str) for name in names):
        raise DataError("'keypoints' is no list of names", where=where)
    sigmas = row.get("sigmas") or []
    if not (are_numbers(sigmas) and are_finite(sigmas) and all(value > 0 for value in sigmas)):
        raise DataError("'sigmas' is no list of positive numbers", where=where)
    try:
        return LandmarkSchema(
            names=names,
            swaps=tuple((str(a), str(b)) for a, b in row.get("swap") or ()),
            skeleton=tuple(
                (_by_number(names, a), _by_number(names, b)) for a, b in row.get("skeleton") or ()
            ),
            sigmas=tuple(float(value) for value in sigmas),
        )
    except DataError as error:
        raise DataError(error.what, expected=error.expected, where=where) from None
    except (TypeError, ValueError):
        raise DataError(
            "'swap' or 'skeleton' can't be read",
            expected="pairs of keypoint names, pairs of keypoint numbers from 1",
            where=where,
        ) from None


def _by_number(names: tuple[str, ...], number: object) -> str:
    if type(number) is not int or not 1 <= number <= len(names):
        raise DataError(
            f"'skeleton' names keypoint {number!r}", expected=f"a number from 1 to {len(names)}"
        )
    return names[number - 1]
