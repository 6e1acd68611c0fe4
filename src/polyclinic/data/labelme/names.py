"""What ANFC's labels are called here.

Labels as in the data set's files (Zhao et al., ISBI 2024, arXiv 2312.05930).
"""

from __future__ import annotations

import re

from polyclinic.schema import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS, LandmarkSchema

_CLASSES = {name: name for name in NAILFOLD_CLASSES} | {
    "hemo": "haemorrhage",
    "hemorrhage": "haemorrhage",
}
_LANDMARKS = {name.replace("_", "-"): name for name in NAILFOLD_LANDMARKS.names} | {
    name: name for name in NAILFOLD_LANDMARKS.names
}
_CROSSING = re.compile(r"conj(-\d+)?")
_SUBJECT = re.compile(r"[^_]+_([^_]+)_\d+")


def is_crossing(label: str) -> bool:
    """Whether a point marks where the limbs of a capillary cross."""
    return _CROSSING.fullmatch(label) is not None


def class_names(labels: set[str]) -> tuple[tuple[str, ...], dict[str, int]]:
    """Class names, and the class index of each label; the nailfold classes where all fit."""
    if labels and labels <= _CLASSES.keys():
        return NAILFOLD_CLASSES, {
            label: NAILFOLD_CLASSES.index(_CLASSES[label]) for label in labels
        }
    names = tuple(sorted(labels))
    return names, {name: index for index, name in enumerate(names)}


def landmark_names(labels: set[str]) -> tuple[LandmarkSchema | None, dict[str, int]]:
    """The schema of the point labels, and the row of each; nailfold's where all fit."""
    named = {label for label in labels if not is_crossing(label)}
    if not named:
        return None, {}
    if named <= _LANDMARKS.keys():
        return NAILFOLD_LANDMARKS, {
            label: NAILFOLD_LANDMARKS.index(_LANDMARKS[label]) for label in named
        }
    schema = LandmarkSchema(names=tuple(sorted(named)))
    return schema, {name: index for index, name in enumerate(schema.names)}


def subject_of(stem: str) -> str | None:
    """The subject in ANFC's `<prefix>_<subject>_<picture>`; None for other names."""
    match = _SUBJECT.fullmatch(stem)
    return match.group(1) if match else None
