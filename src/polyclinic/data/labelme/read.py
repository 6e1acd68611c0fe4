"""A folder of labelme files to a cohort."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polyclinic.data.coco.document import read_json
from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, Place, refuse
from polyclinic.data.images import SUFFIXES, image_size
from polyclinic.data.labelme.instances import Naming, make_instances
from polyclinic.data.labelme.names import class_names, landmark_names, subject_of
from polyclinic.data.labelme.shapes import Shapes, sort_shapes
from polyclinic.data.tables.locate import exists, locate, locate_beside
from polyclinic.sample import Sample
from polyclinic.schema import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS

# ANFC keeps outlines and points of one image in two folders side by side.
_KIND = re.compile(r"[_-]?(segmentations?|keypoints?)$", re.IGNORECASE)

Document = dict[str, Any]


@dataclass(frozen=True)
class _Drawn:
    """One image with everything drawn on it."""

    image: Path
    files: list[tuple[Path, Document]]
    shapes: Shapes
    as_written: bool


def labelme_documents(folder: Path) -> dict[Path, Document]:
    """The labelme files of a folder and the folders in it, parsed, by name."""
    found = {}
    for file in sorted(folder.rglob("*.json")):
        document = read_json(file)
        if isinstance(document, dict) and isinstance(document.get("shapes"), list):
            # The image itself may be embedded; the file beside it is read instead.
            found[file] = {k: v for k, v in document.items() if k != "imageData"}
    return found


def read_labelme(folder: Path, found: Mapping[Path, Document]) -> Cohort:
    """Open the labelme files of a folder; outlines become masks, groups of points landmarks.

    Files of one name in `..._segmentation` and `..._keypoint` folders side by side are one image.
    ANFC's labels and subject numbers are understood.

    Raises:
        DataError: an image is missing.
    """
    documents: defaultdict[tuple[Path, str], list[tuple[Path, Document]]] = defaultdict(list)
    for file, document in found.items():
        documents[_key(file)].append((file, document))
    images = {key: _image_file(files) for key, files in documents.items()}
    refuse([_missing(documents[key]) for key, image in images.items() if image is None])
    drawn = [
        _Drawn(image, documents[key], sort_shapes(documents[key]), written)
        for key, (image, written) in ((key, one) for key, one in images.items() if one)
    ]
    refuse(_drawn_twice(drawn))
    return _cohort(folder, drawn)


def _key(file: Path) -> tuple[Path, str]:
    return file.parent.parent / _KIND.sub("", file.parent.name), file.stem


def _image_file(files: list[tuple[Path, Document]]) -> tuple[Path, bool] | None:
    """The image of a document, and whether it lies where the document says.

    Wherever a path is written that leads to a file, that file is the image; what lies beside the
    document comes after it, for it may be a mask that was exported there.
    """
    for path, name in _names(files):
        if name and exists(image := locate(name, path, "")):
            return image, True
    for path, name in _names(files):
        beside = locate_beside(name, path, SUFFIXES)
        if beside is not None:
            return beside, False
    return None


def _names(files: list[tuple[Path, Document]]) -> list[tuple[Path, str]]:
    return [(path, str(document.get("imagePath") or "")) for path, document in files]


def _missing(files: list[tuple[Path, Document]]) -> Finding:
    path, name = _names(files)[0]
    return Place(str(path)).error(
        f"its image {name or path.stem} is missing",
        f"a file at imagePath, seen from {path.parent}, or beside it",
    )


def _drawn_twice(drawn: list[_Drawn]) -> list[Finding]:
    """Documents of two names about one image: nobody knows whether their objects are the same."""
    first: dict[Path, Path] = {}
    found = []
    for one in drawn:
        path = one.files[0][0]
        earlier = first.setdefault(one.image, path)
        if earlier is not path:
            found.append(
                Place(str(path)).error(
                    f"is of the image {one.image.name}, as {earlier} is",
                    "one file an image",
                    "remove one of them; if they are of two raters, give a COCO file with `rater`",
                )
            )
    return found


def _elsewhere(drawn: list[_Drawn], folder: Path) -> list[Finding]:
    """One warning of all images that do not lie where their documents say."""
    lost = [one for one in drawn if not one.as_written]
    if not lost:
        return []
    path, name = _names(lost[0].files)[0]
    where = f"no file lies at imagePath {name!r}" if name else "imagePath is empty"
    others = f"; so it is with {len(lost)} of {len(drawn)} images" if len(lost) > 1 else ""
    return [
        Place(str(path)).warning(
            f"{where}: {_name_in(lost[0].image, folder)} is taken instead{others}",
            "the image that was drawn on",
            "a mask of that name must not lie there; put the image where imagePath says",
        )
    ]


def _name_in(image: Path, folder: Path) -> str:
    return Path(os.path.relpath(image, folder.absolute())).as_posix()


def _cohort(folder: Path, drawn: list[_Drawn]) -> Cohort:
    classes, category = class_names({o.label for one in drawn for o in one.shapes.outlines})
    schema, landmark = landmark_names(
        {label for one in drawn for group in one.shapes.groups for label in group.points}
    )
    naming = Naming(category, schema, landmark)
    nailfold = classes == NAILFOLD_CLASSES or schema == NAILFOLD_LANDMARKS
    findings = _elsewhere(drawn, folder)
    samples = []
    for one in drawn:
        size = image_size(one.image)
        resized = _size_findings(one.files, size)
        instances, said = make_instances(one.shapes, naming, size)
        findings += resized or said
        samples.append(
            Sample(
                image_id=_name_in(one.image, folder),
                size=size,
                file=str(one.image),
                patient_id=subject_of(one.image.stem) if nailfold else None,
                instances=None if resized else instances,
            )
        )
    return Cohort(
        samples=tuple(samples),
        classes=classes,
        landmark_schema=schema,
        name=folder.name,
        skipped=tuple(findings),
    )


def _size_findings(files: list[tuple[Path, Document]], size: tuple[int, int]) -> list[Finding]:
    """Errors where the image has another size than when it was drawn on."""
    found = []
    for path, document in files:
        drawn_on = (document.get("imageHeight"), document.get("imageWidth"))
        if None not in drawn_on and drawn_on != size:
            found.append(
                Place(str(path)).error(
                    f"was drawn on {drawn_on[1]} x {drawn_on[0]} pixels",
                    f"{size[1]} x {size[0]}, as the image",
                    "use the image that was annotated; its annotations are left out",
                )
            )
    return found
