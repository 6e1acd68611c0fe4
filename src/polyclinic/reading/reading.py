"""What a reader says of one sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.reading.fidelity import Fidelity
from polyclinic.reading.measurement import Measurement
from polyclinic.sample import Instance, Pixels, Spacing
from polyclinic.schema import LandmarkSchema

if TYPE_CHECKING:
    import pandas as pd


NOT_READ = "not_read"
"""Key of a reading's provenance: names that the reader was never taught."""
OF_IMAGE = "image"
"""Key of a provenance under which stands what concerns one image: how its file was shown."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Reading:
    """Everything found in one image, in the pixels of the original file.

    Args:
        image_id, patient_id, file: which image it is.
        size: (height, width) of the original image.
        spacing: the scale that was used.
        classes: names that `Instance.category` points into.
        landmark_schema: names of the landmark rows; None when landmarks were not read.
        instances: objects by descending score; None when the reader does not look for any.
        label_maps: (H, W) integer maps by name.
        findings: {task: {value: probability}}.
        quality: {name: value}.
        restored: restored image with the depth and the channels of the original, (H, W) or
            (H, W, 3) of 8 or 16 bits; for viewing, not for measuring.
        fidelity: how close it comes to the sharp partner, where a judge had both at hand.
        measurements: the clinical quantities.
        flags: reasons for caution about the whole image.
        error: why the image could not be read; nothing else is filled then.
        provenance: model, version, data hash and what else made this reading; under `OF_IMAGE`
            what was done to this very image.
    """

    image_id: int | str
    size: tuple[int, int]
    file: str | None = None
    patient_id: str | None = None
    spacing: Spacing = field(default_factory=Spacing.unknown)
    classes: tuple[str, ...] = ()
    landmark_schema: LandmarkSchema | None = None
    instances: tuple[Instance, ...] | None = None
    label_maps: Mapping[str, NDArray[np.integer]] = field(default_factory=dict)
    findings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    quality: Mapping[str, float] = field(default_factory=dict)
    restored: Pixels | None = None
    fidelity: Fidelity | None = None
    measurements: tuple[Measurement, ...] = ()
    flags: tuple[str, ...] = ()
    error: str | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that rows stay in step with classes, schema and frame."""
        for row, instance in enumerate(self.instances or ()):
            self._check_instance(row, instance)
        for name, label_map in self.label_maps.items():
            if label_map.shape != self.size:
                raise DataError(f"label map {name!r} is {label_map.shape}", expected=f"{self.size}")
        for finding, values in self.findings.items():
            if any(not 0 <= p <= 1 for p in values.values()):
                raise DataError(f"finding {finding!r} has {dict(values)}", expected="0 ... 1")
        rows = len(self.instances or ())
        for measurement in self.measurements:
            if measurement.instance is not None and not 0 <= measurement.instance < rows:
                raise DataError(
                    f"{measurement.name} belongs to instance {measurement.instance}",
                    expected=f"one of {rows} instances",
                )

    def _check_instance(self, row: int, instance: Instance) -> None:
        if instance.category is not None and not 0 <= instance.category < len(self.classes):
            raise DataError(
                f"instance {row} has class {instance.category}",
                expected=f"0 ... {len(self.classes) - 1}",
            )
        if instance.landmarks is not None:
            expected = 0 if self.landmark_schema is None else len(self.landmark_schema)
            if len(instance.landmarks) != expected:
                raise DataError(
                    f"instance {row} has {len(instance.landmarks)} landmarks",
                    expected=f"{expected}, as its schema",
                )
        if instance.mask is not None and instance.mask.size != self.size:
            raise DataError(
                f"mask of instance {row} lies in {instance.mask.size}", expected=f"{self.size}"
            )

    @property
    def not_read(self) -> Mapping[str, Any]:
        """Names that the reader was never taught, as `polyclinic.data.taught` has them."""
        names = self.provenance.get(NOT_READ)
        return names if isinstance(names, Mapping) else {}

    def class_name(self, instance: Instance) -> str:
        """Name of an instance's class; "instance" when classes were not read."""
        return "instance" if instance.category is None else self.classes[instance.category]

    def with_measurements(self, measurements: tuple[Measurement, ...]) -> Reading:
        """The same reading with its measurements filled in."""
        return replace(self, measurements=measurements)

    def accepted(self, least: float) -> Reading:
        """Without the instances of a lower score; their measurements go with them.

        An instance without a score is taken as certain.
        """
        if self.instances is None:
            return self
        kept = [
            i
            for i, one in enumerate(self.instances)
            if (1.0 if one.score is None else one.score) >= least
        ]
        if len(kept) == len(self.instances):
            return self
        new_row = {old: new for new, old in enumerate(kept)}
        measurements = tuple(
            replace(m, instance=None if m.instance is None else new_row[m.instance])
            for m in self.measurements
            if m.instance is None or m.instance in new_row
        )
        return replace(
            self, instances=tuple(self.instances[i] for i in kept), measurements=measurements
        )

    def to_coco(self) -> dict[str, Any]:
        """This reading as a COCO data set of one image; see `polyclinic.reading.coco`."""
        from polyclinic.reading.coco import readings_to_coco

        return readings_to_coco([self])

    def to_frame(self) -> pd.DataFrame:
        """The measurements as a table, one row each; see `polyclinic.reading.table`."""
        from polyclinic.reading.table import measurement_table

        return measurement_table([self])

    def draw(self, image: Pixels) -> Pixels:
        """Outlines, landmarks and names over a copy of the image; see `polyclinic.reading.draw`."""
        from polyclinic.reading.draw import draw_reading

        return draw_reading(image, self)
