"""What turns the numbers of a network into a part of a reading, and the reading meanwhile."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from polyclinic.errors import ConfigError
from polyclinic.geometry import Homography
from polyclinic.portable import Portable
from polyclinic.reading import Reading
from polyclinic.sample import Instance, Pixels, Sample
from polyclinic.schema import LandmarkSchema


@dataclass
class ReadingBuilder:
    """What has been read of one image so far, in its original pixels.

    Args:
        sample: the image's identity, size and spacing; its annotations are not looked at.
        to_network: original pixels to network pixels (centres at integers in both).
        instances: keyword arguments of each `Instance`, by descending score; None until a task
            that finds instances has run.
    """

    sample: Sample
    to_network: Homography
    instances: list[dict[str, Any]] | None = None
    label_maps: dict[str, NDArray[Any]] = field(default_factory=dict)
    findings: dict[str, dict[str, float]] = field(default_factory=dict)
    quality: dict[str, float] = field(default_factory=dict)
    restored: Pixels | None = None
    flags: list[str] = field(default_factory=list)

    def finish(
        self,
        classes: tuple[str, ...],
        schema: LandmarkSchema | None,
        provenance: Mapping[str, Any],
        accept: float,
    ) -> Reading:
        """Check everything and freeze it; instances with a score under `accept` are dropped."""
        instances = None
        if self.instances is not None:
            kept = [values for values in self.instances if values["score"] >= accept]
            instances = tuple(Instance(**values) for values in kept)
        return Reading(
            image_id=self.sample.image_id,
            size=self.sample.size,
            file=self.sample.file,
            patient_id=self.sample.patient_id,
            spacing=self.sample.spacing,
            classes=classes,
            landmark_schema=schema,
            instances=instances,
            label_maps=self.label_maps,
            findings=self.findings,
            quality=self.quality,
            restored=self.restored,
            flags=tuple(self.flags),
            provenance=provenance,
        )


Found = Mapping[str, NDArray[Any]]
"""What a network found in one image, in network pixels."""


class Decoder(Portable, ABC):
    """Writes what one task found in an image into its draft; it knows neither network nor torch."""

    @abstractmethod
    def decode(self, found: Found, draft: ReadingBuilder) -> None:
        """Write into the draft, in original pixels."""


def refuse_second(draft: ReadingBuilder, name: str, hint: str) -> None:
    """Make sure that nothing has found instances yet.

    Raises:
        ConfigError: another task has.
    """
    if draft.instances is not None:
        raise ConfigError(
            f"{name} and another task both write instances",
            expected="one of them in a recipe",
            hint=hint,
        )
