"""A folder of labelme files to a cohort."""

from __future__ import annotations

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
from polyclinic.data.listing import files_in
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


def labelme_documents(folder: Path) -> dict[Path, Document]:
    """The labelme files of a folder and the folders in it, parsed, by name."""
    found = {}
    for file in sorted(one for one in files_in(folder) if one.suffix.lower() == ".json"):
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
    refuse(
        [
            Place(str(documents[key][0][0])).error("its image is missing", "a file beside it")
            for key, image in images.items()
            if image is None
        ]
    )
    drawn = [
        _Drawn(image, documents[key], sort_shapes(documents[key]))
        for key, image in images.items()
        if image
    ]
    return _cohort(folder, drawn)


def _key(file: Path) -> tuple[Path, str]:
    return file.parent.parent / _KIND.sub("", file.parent.name), file.stem


def _image_file(files: list[tuple[Path, Document]]) -> Path | None:
    for path, document in files:
        named = str(document.get("imagePath") or "").replace("\\", "/").rpartition("/")[2]
        candidates = [path.parent / named] if named else []
        candidates += [path.with_suffix(suffix) for suffix in sorted(SUFFIXES)]
        found = next((file for file in candidates if file.is_file()), None)
        if found is not None:
            return found.absolute()
    return None


def _cohort(folder: Path, drawn: list[_Drawn]) -> Cohort:
    classes, category = class_names({o.label for one in drawn for o in one.shapes.outlines})
    schema, landmark = landmark_names(
        {label for one in drawn for group in one.shapes.groups for label in group.points}
    )
    naming = Naming(category, schema, landmark)
    nailfold = classes == NAILFOLD_CLASSES or schema == NAILFOLD_LANDMARKS
    findings: list[Finding] = []
    samples = []
    for one in drawn:
        size = image_size(one.image)
        resized = _size_findings(one.files, size)
        instances, said = make_instances(one.shapes, naming, size)
        findings += [*one.shapes.findings, *(resized or said)]
        samples.append(
            Sample(
                image_id=one.image.relative_to(folder.absolute()).as_posix(),
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
