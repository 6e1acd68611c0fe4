"""What the training part of a data set can't teach, by name.

A head that has seen no example of a name says something of it all the same: where it happens to
stand. So what was never taught is not read, not measured and not judged, and everybody is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from polyclinic.data.facts import Facts
from polyclinic.sample import Instance, Sample

NotTaught = Mapping[str, Any]
"""Names by what they are of: `classes`, `masks` (classes without any), `landmarks`, and under
`labels` the values of each label. What is complete has no key."""


def not_taught(training: Sequence[Sample], whole: Facts) -> dict[str, Any]:
    """The names of a data set of which the training part has no example.

    Uncounted regions teach nothing, nor do landmarks that are not labelled or empty masks. Where
    objects have no class names, but there are some, their one class is taught by all of them.

    Args:
        training: the training part.
        whole: facts of the whole data set.
    """
    objects = [one for sample in training for one in sample.instances or () if not one.crowd]
    named = _names(whole.classes, objects)
    nameless = bool(objects) and not named
    masked = _names(whole.classes, [one for one in objects if one.mask and one.mask.area])
    labelled = _labelled(whole, objects)
    values = {
        label: [value for value in known if not _is_there(training, label, value)]
        for label, known in whole.label_values.items()
    }
    found: dict[str, Any] = {
        "classes": [] if nameless else [one for one in whole.classes if one not in named],
        "masks": [one for one in whole.classes if masked and one in named - masked],
        "landmarks": [one for one in _landmarks(whole) if labelled and one not in labelled],
        "labels": {label: missing for label, missing in values.items() if missing},
    }
    return {key: names for key, names in found.items() if names}


def not_taught_lines(names: NotTaught) -> list[str]:
    """What is left out, a line a name."""
    no_one = "no training image shows one; it is not read"
    return [
        *(f"class {name!r}: {no_one}" for name in names.get("classes", ())),
        *(
            f"masks of {name!r}: no training image has one; they are not read"
            for name in names.get("masks", ())
        ),
        *(
            f"landmark {name!r}: no training image has it labelled; it is not read"
            for name in names.get("landmarks", ())
        ),
        *(
            f"value {value!r} of the label {label!r}: no training image has it; it is not read"
            for label, values in names.get("labels", {}).items()
            for value in values
        ),
    ]


def _names(classes: Sequence[str], objects: Sequence[Instance]) -> set[str]:
    return {classes[one.category] for one in objects if one.category is not None}


def _landmarks(facts: Facts) -> tuple[str, ...]:
    return () if facts.landmark_schema is None else facts.landmark_schema.names


def _labelled(facts: Facts, objects: Sequence[Instance]) -> set[str]:
    names = _landmarks(facts)
    return {
        name
        for one in objects
        if one.landmarks is not None
        for name, seen in zip(names, one.landmarks[:, 2] > 0, strict=True)
        if seen
    }


def _is_there(training: Sequence[Sample], label: str, value: object) -> bool:
    return any(one.labels.get(label) == value for one in training)
