"""A trained network with everything needed to turn images into readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from polyclinic.data.augment import FrameConfig, framed
from polyclinic.data.grey import UNKNOWN, Grey, grey_from_json
from polyclinic.decoding import Decoder, ReadingBuilder
from polyclinic.errors import ImageError
from polyclinic.geometry import Size
from polyclinic.measure.measurer import Measurer
from polyclinic.own_process import OwnOfProcess
from polyclinic.reading import Reading
from polyclinic.runtime.predictors.predictor import Predictor
from polyclinic.runtime.reads import BaseReader, Keep, OpenNetwork, Values, unread
from polyclinic.sample import Sample
from polyclinic.schema import LandmarkSchema

if TYPE_CHECKING:
    from polyclinic.tasks import Network, Task


class Reader(BaseReader):
    """Reads images with one network.

    Args:
        predictor: runs the network.
        decoders: by the name of the task whose answer they write into a reading, in order.
        frame: the size at which images are looked at.
        classes: names of the instance classes.
        landmark_schema: names of the landmarks, None when they are not read.
        measurer: makes the clinical measurements of a reading.
        provenance: written into every reading.
        accept: instances with a lower score are not reported.
        grey: what it takes for black and white in pixels of more than 8 bits.
    """

    def __init__(
        self,
        predictor: Predictor,
        *,
        decoders: Mapping[str, Decoder],
        frame: FrameConfig,
        classes: tuple[str, ...],
        landmark_schema: LandmarkSchema | None,
        measurer: Measurer,
        provenance: Mapping[str, Any],
        accept: float = 0.5,
        grey: Grey = UNKNOWN,
    ) -> None:
        super().__init__(
            frame=frame,
            classes=classes,
            landmark_schema=landmark_schema,
            measurer=measurer,
            provenance=provenance,
            accept=accept,
            grey=grey,
        )
        self.predictor, self.decoders = predictor, decoders
        # A network spreads over all cores by itself; other threads measure meanwhile.
        self._one_network = OwnOfProcess(Lock)

    @property
    def network(self) -> Network:
        """The network in torch.

        Raises:
            AttributeError: it is run by something else.
        """
        network: Network = self.predictor.network  # type: ignore[attr-defined]
        return network

    @property
    def task_list(self) -> list[Task]:
        """The tasks of the network, where it is run by torch."""
        network = getattr(self.predictor, "network", None)
        return [] if network is None else network.task_list

    @property
    def precision(self) -> str:
        """How the network computes."""
        return self.predictor.precision

    @property
    def task_names(self) -> tuple[str, ...]:
        """Of the tasks whose answers are read."""
        return tuple(self.decoders)

    def describe(self, keep: Keep, prefix: str) -> dict[str, Any]:
        """Its network, and what is done before and after."""
        schema = self.landmark_schema
        return {
            "network": keep(self, prefix),
            "frame": self.frame.model_dump(mode="json"),
            "classes": list(self.classes),
            "landmark_schema": None if schema is None else asdict(schema),
            "decoders": {name: one.to_json() for name, one in self.decoders.items()},
            **self._described(),
        }

    @classmethod
    def made(cls, values: Values, open_network: OpenNetwork) -> Self:
        """The way back."""
        schema = values["landmark_schema"]
        return cls(
            open_network(values["network"]),
            decoders={name: Decoder.from_json(one) for name, one in values["decoders"].items()},
            frame=FrameConfig.parse(values["frame"]),
            classes=tuple(values["classes"]),
            landmark_schema=None if schema is None else LandmarkSchema.from_json(schema),
            measurer=Measurer.from_json(values["measurer"]),
            provenance=values["provenance"],
            accept=values["accept"],
            grey=grey_from_json(values.get("grey")),
        )

    def read_batch(self, samples: Sequence[Sample]) -> list[Reading]:
        """Read loaded samples together.

        Only images that the network sees at one size share a pass: padding one to the size of
        another would change what is read of it.
        """
        groups: dict[tuple[Size, int], list[int]] = {}
        for row, sample in enumerate(samples):
            own = 0 if self.predictor.shares_passes else row
            groups.setdefault((self.frame.fit(sample.size), own), []).append(row)
        readings: dict[int, Reading] = {}
        for rows in groups.values():
            readings |= zip(rows, self._try([samples[row] for row in rows]), strict=True)
        return [readings[row] for row in range(len(samples))]

    def _try(self, samples: Sequence[Sample]) -> list[Reading]:
        """Read images of one size; of one that the network can't take, or answer, say so."""
        try:
            return self._pass(samples)
        except ImageError as error:
            if len(samples) > 1:
                return [self._try([sample])[0] for sample in samples]
            return [unread(samples[0], str(_named(error, samples[0])), self.provenance)]

    def _pass(self, samples: Sequence[Sample]) -> list[Reading]:
        prepared = [framed(sample, self.frame) for sample in samples]
        with self._one_network():
            predicted = self.predictor.predict([pixels for pixels, _ in prepared], self.accept)
        readings = []
        for sample, (_, to_network), found in zip(samples, prepared, predicted, strict=True):
            draft = ReadingBuilder(sample, to_network)
            for task, decoder in self.decoders.items():
                decoder.decode(found[task], draft)
            reading = draft.finish(self.classes, self.landmark_schema, self.provenance, self.accept)
            readings.append(self.measured(reading))
        return readings


def _named(error: ImageError, sample: Sample) -> ImageError:
    """The same error with the image that it is about."""
    where = error.where or sample.file or str(sample.image_id)
    return ImageError(error.what, expected=error.expected, where=where, hint=error.hint)
