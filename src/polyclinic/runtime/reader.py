"""A trained network with everything needed to turn images into readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from polyclinic.data.augment import FrameConfig
from polyclinic.geometry import Size
from polyclinic.reading import Reading
from polyclinic.runtime.reads import Measure, Reads
from polyclinic.sample import Sample
from polyclinic.schema import LandmarkSchema
from polyclinic.tasks import Draft, Network, Task, collate
from polyclinic.tasks.prepare import prepare_reading


class Reader(Reads):
    """Reads images with one network.

    Args:
        network: trained, any device.
        frame: the size at which images are looked at.
        classes: names of the instance classes.
        landmark_schema: names of the landmarks, None when they are not read.
        measure: from a reading to its clinical measurements.
        provenance: written into every reading.
        accept: instances with a lower score are not reported.
    """

    def __init__(
        self,
        network: Network,
        *,
        frame: FrameConfig,
        classes: tuple[str, ...],
        landmark_schema: LandmarkSchema | None,
        measure: Measure,
        provenance: Mapping[str, Any],
        accept: float = 0.5,
    ) -> None:
        super().__init__(
            frame=frame,
            classes=classes,
            landmark_schema=landmark_schema,
            measure=measure,
            provenance=provenance,
            accept=accept,
        )
        self.network = network.eval()

    @property
    def task_list(self) -> list[Task]:
        """The tasks of the network."""
        return self.network.task_list

    def read_batch(self, samples: Sequence[Sample]) -> list[Reading]:
        """Read loaded samples together.

        Only images that the network sees at one size share a pass: padding one to the size of
        another would change what is read of it. On a CPU each has a pass of its own: sharing one
        saves no time there, and rounds differently.
        """
        alone = next(self.network.parameters()).device.type == "cpu"
        groups: dict[tuple[Size, int], list[int]] = {}
        for row, sample in enumerate(samples):
            groups.setdefault((self.frame.fit(sample.size), row if alone else 0), []).append(row)
        readings: dict[int, Reading] = {}
        for rows in groups.values():
            readings |= zip(rows, self._pass([samples[row] for row in rows]), strict=True)
        return [readings[row] for row in range(len(samples))]

    def _pass(self, samples: Sequence[Sample]) -> list[Reading]:
        prepared = [prepare_reading(sample, self.frame) for sample in samples]
        device = next(self.network.parameters()).device
        batch = collate([encoded for encoded, _ in prepared]).to(device)
        predictions = self.network.predict(batch)
        readings = []
        for sample, (_, to_network), found in zip(samples, prepared, predictions, strict=True):
            draft = Draft(sample, to_network)
            for task in self.network.task_list:
                task.decode(found[task.name], draft)
            reading = draft.finish(self.classes, self.landmark_schema, self.provenance, self.accept)
            readings.append(self.measured(reading))
        return readings
