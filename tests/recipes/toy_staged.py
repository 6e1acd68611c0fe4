"""A recipe of two networks that polyclinic does not know: each looks at one half of an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from polyclinic.data import Cohort, Facts
from polyclinic.errors import DataError
from polyclinic.measure.measurer import NothingToMeasure
from polyclinic.metrics.pooled import mean_figure
from polyclinic.reading import Reading
from polyclinic.recipes.staged import Stage, Staged
from polyclinic.runtime.reader import Reader
from polyclinic.runtime.reads import BaseReader
from polyclinic.sample import Sample
from polyclinic.tasks import Case, Figure
from tests.recipes.toy import Toy, ToyConfig

UPPER, LOWER = "upper", "lower"


def half_of(sample: Sample, stage: str) -> Sample:
    """The upper or the lower half of a loaded image, as an image of its own."""
    rows = sample.size[0] // 2
    image = sample.pixels[:rows] if stage == UPPER else sample.pixels[rows:]
    name = f"{sample.image_id} {stage}"
    return replace(sample, image_id=name, size=image.shape[:2], image=image, instances=None)


class Halves(BaseReader):
    """Reads each half with the network that was trained on such halves."""

    def __init__(
        self,
        readers: Mapping[str, Reader],
        classes: tuple[str, ...],
        provenance: Mapping[str, Any],
    ) -> None:
        super().__init__(
            frame=readers[UPPER].frame,
            classes=classes,
            landmark_schema=None,
            measurer=NothingToMeasure(),
            provenance=provenance,
            accept=0.5,
        )
        self.readers = dict(readers)

    def read_batch(self, samples: Sequence[Sample]) -> list[Reading]:
        return [self._reading(sample) for sample in samples]

    def _reading(self, sample: Sample) -> Reading:
        quality = {
            f"{stage}_brightness": reader.read(half_of(sample, stage)).quality["brightness"]
            for stage, reader in self.readers.items()
        }
        return Reading(
            image_id=sample.image_id,
            size=sample.size,
            file=sample.file,
            patient_id=sample.patient_id,
            classes=self.classes,
            quality=quality,
            provenance=self.provenance,
        )


class TwoHalves(Staged[ToyConfig]):
    name = "two halves"
    summary = "how bright the halves of an image are"
    source = "none"
    settings = ToyConfig
    presets = Toy.presets
    monitor = "upper_brightness_mean"

    def check(self, cohort: Cohort, config: ToyConfig) -> None:
        if min(sample.size[0] for sample in cohort.samples) < 64:
            raise DataError("an image is too low to be halved", where=cohort.name)

    def stages(self, config: ToyConfig, facts: Facts) -> Sequence[Stage]:
        return [
            Stage(
                name=name,
                recipe=Toy(),
                config=config.model_copy(update={"recipe": "tests.recipes.toy:Toy"}),
                classes=(),
                landmark_schema=None,
                views=lambda image, name=name: [half_of(image, name)],
            )
            for name in (UPPER, LOWER)
        ]

    def join(
        self,
        readers: Mapping[str, Reader],
        config: ToyConfig,
        facts: Facts,
        provenance: Mapping[str, Any],
    ) -> Halves:
        return Halves(readers, facts.classes, provenance)

    def figures(self, cases: Sequence[Case], config: ToyConfig, accept: float) -> list[Figure]:
        values = [reading.quality["upper_brightness"] for _, reading in cases]
        return [mean_figure("upper_brightness_mean", values, range(len(cases)), len(cases))]
