"""What a recipe takes from the data before it builds a model."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from polyclinic.data.persons import near_key
from polyclinic.sample import Instance, Sample
from polyclinic.sample.landmark_box import Margins, usual_margins
from polyclinic.schema import LandmarkSchema

LEAST_SHARE = 0.05


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Size, names and annotation kinds of a cohort.

    Args:
        classes: class names in the order of `Instance.category`.
        landmark_schema: names of the landmark rows; None when no landmarks are declared.
        images: number of images.
        patients: number of patients; None when the data set gives no patient ids.
        counts: how many `instances`, `boxes`, `masks`, `landmarks` (instances that carry them)
            there are, under `labels` how many whole-image values, and under `sharp` how many
            images with a sharp partner.
        class_counts: instances of each class, in the order of `classes`.
        landmark_classes: indices of the classes that carry landmarks: at least one instance in
            twenty has some.
        label_values: the distinct values of each whole-image label.
        kinds: annotation kinds and label names that at least one image is annotated for.
        landmark_margins: how far the edges of annotated boxes usually lie outside the hull of the
            landmarks, see `usual_margins`; None without landmarks.
        label_counts: images of each value of each label, in the order of `label_values`; empty
            in runs that were written before it was kept.
        not_taught: names of the data set of which the training part has no example, see
            `polyclinic.data.taught`; None where nobody looked: facts of a whole data set, and
            runs that were written before it was kept.
        most_instances: most annotated ones in an image; 0 in runs written before it was kept.
    """

    classes: tuple[str, ...]
    landmark_schema: LandmarkSchema | None
    images: int
    patients: int | None
    counts: Mapping[str, int]
    class_counts: Mapping[str, int]
    landmark_classes: tuple[int, ...]
    label_values: Mapping[str, tuple[Any, ...]]
    kinds: frozenset[str]
    landmark_margins: Margins | None = None
    label_counts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    not_taught: Mapping[str, Any] | None = None
    most_instances: int = 0

    def rows_not_taught(self, kind: str) -> tuple[int, ...]:
        """Rows of the `classes`, `masks` or `landmarks` that the training part can't teach.

        A class that is not taught has no masks either.
        """
        names = self.not_taught or {}
        asked = {*names.get(kind, ()), *(names.get("classes", ()) if kind == "masks" else ())}
        schema = () if self.landmark_schema is None else self.landmark_schema.names
        known = schema if kind == "landmarks" else self.classes
        return tuple(row for row, name in enumerate(known) if name in asked)

    def teaches(self, kind: str) -> bool:
        """Whether a training image has at least one of `boxes`, `masks`, `landmarks`.

        To be annotated as having none teaches nothing of how they look.
        """
        return self.counts[kind] > 0 if self.not_taught is not None else self.annotates(kind)

    def annotates(self, kind: str) -> bool:
        """Whether anything has `instances`, `boxes`, `masks`, `landmarks`, `sharp` or a label."""
        return kind in self.kinds

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {**asdict(self), "kinds": sorted(self.kinds)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Facts:
        """The facts that `to_json` wrote."""
        schema, margins = document["landmark_schema"], document.get("landmark_margins")
        values = {
            **document,
            "classes": tuple(document["classes"]),
            "landmark_schema": None if schema is None else LandmarkSchema.from_json(schema),
            "landmark_classes": tuple(document["landmark_classes"]),
            "label_values": {k: tuple(v) for k, v in document["label_values"].items()},
            "kinds": frozenset(document["kinds"]),
            "landmark_margins": None if margins is None else tuple(margins),
            "label_counts": {k: tuple(v) for k, v in document.get("label_counts", {}).items()},
        }
        return cls(**values)


def gather_facts(
    samples: Iterable[Sample], classes: tuple[str, ...], schema: LandmarkSchema | None
) -> Facts:
    """Count what a set of samples holds."""
    counts = Counter(instances=0, boxes=0, masks=0, landmarks=0, labels=0, sharp=0)
    of_class: Counter[str] = Counter(dict.fromkeys(classes, 0))
    with_landmarks: Counter[str] = Counter()
    values: defaultdict[str, set[Any]] = defaultdict(set)
    patients: set[str] = set()
    kinds: set[str] = set()
    images = 0
    samples = list(samples)
    for sample in samples:
        images += 1
        if sample.patient_id is not None:
            patients.add(sample.patient_key or near_key(sample.patient_id))
        for name, value in sample.labels.items():
            values[name].add(value)
            counts["labels"] += 1
        counts["sharp"] += sample.sharp_file is not None or sample.sharp is not None
        kinds |= set(sample.labels) | (sample.annotated or frozenset())
        if sample.instances is not None:
            kinds.add("instances")
            for instance in sample.instances:
                _count(instance, classes, counts, of_class, with_landmarks)
    label_values = {name: tuple(sorted(found, key=_order)) for name, found in values.items()}
    return Facts(
        classes=classes,
        landmark_schema=schema,
        images=images,
        patients=len(patients) or None,
        counts=dict(counts),
        class_counts=dict(of_class),
        landmark_classes=tuple(
            index
            for index, name in enumerate(classes)
            if with_landmarks[name] > LEAST_SHARE * of_class[name]
        ),
        label_values=label_values,
        kinds=frozenset(kinds | {kind for kind, number in counts.items() if number}),
        landmark_margins=usual_margins((i, s.size) for s in samples for i in s.instances or ()),
        label_counts=count_labels(samples, label_values),
        most_instances=max((len(sample.instances or ()) for sample in samples), default=0),
    )


def count_labels(
    samples: Sequence[Sample], label_values: Mapping[str, tuple[Any, ...]]
) -> dict[str, tuple[int, ...]]:
    """How many samples have each value of each whole-image label, in the order of the values."""
    found = {
        name: Counter(one.labels[name] for one in samples if name in one.labels)
        for name in label_values
    }
    return {
        name: tuple(found[name][value] for value in values) for name, values in label_values.items()
    }


def _count(
    instance: Instance,
    classes: tuple[str, ...],
    counts: Counter[str],
    of_class: Counter[str],
    with_landmarks: Counter[str],
) -> None:
    counts["instances"] += 1
    counts["boxes"] += 1
    counts["masks"] += instance.mask is not None
    counts["landmarks"] += instance.has_visible_landmarks
    if instance.category is not None:
        of_class[classes[instance.category]] += 1
        with_landmarks[classes[instance.category]] += instance.has_visible_landmarks


def _order(value: object) -> tuple[int, Any]:
    """Sort key for mixed values: numbers first by size, then everything else by name."""
    return (0, value) if isinstance(value, int | float) else (1, str(value))
