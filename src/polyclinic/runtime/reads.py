"""What reads images: one network, or several as an ensemble."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from polyclinic.data import MIN_SIDE
from polyclinic.data.augment import FrameConfig
from polyclinic.data.dicom import described
from polyclinic.data.grey import UNKNOWN, Grey
from polyclinic.data.images import page_count, read_picture
from polyclinic.data.loading import with_picture
from polyclinic.data.pixels import Meant
from polyclinic.errors import ImageError, PolyclinicError, RunError
from polyclinic.measure.measurer import Measurer, NothingToMeasure
from polyclinic.reading import Reading
from polyclinic.reading.reading import OF_IMAGE
from polyclinic.runtime.calibration import Calibration
from polyclinic.sample import UNKNOWN_SIZE, Pixels, Sample, Spacing
from polyclinic.schema import LandmarkSchema

if TYPE_CHECKING:
    from polyclinic.runtime.predictors.predictor import Predictor
    from polyclinic.runtime.reader import Reader
    from polyclinic.tasks import Task

Values = Mapping[str, Any]
Keep = Callable[["Reader", str], dict[str, Any]]
"""Exports the network of a reader under a prefix, and says what was written."""
OpenNetwork = Callable[[Values], "Predictor"]
"""From what was said to what runs it."""


class BaseReader(ABC):
    """Whatever `polyclinic.load` may give: it turns images into readings.

    Args:
        frame: the size at which images are looked at.
        classes: names of the instance classes.
        landmark_schema: names of the landmarks, None when they are not read.
        measurer: makes the clinical measurements of a reading.
        provenance: written into every reading.
        accept: instances with a lower score are not reported.
        calibration: intervals and refusal, where calibration patients showed them.
        grey: what it takes for black and white in pixels of more than 8 bits; it was trained so.
    """

    def __init__(
        self,
        *,
        frame: FrameConfig,
        classes: tuple[str, ...],
        landmark_schema: LandmarkSchema | None,
        measurer: Measurer,
        provenance: Mapping[str, Any],
        accept: float,
        calibration: Calibration | None = None,
        grey: Grey = UNKNOWN,
    ) -> None:
        self.frame, self.classes, self.landmark_schema = frame, classes, landmark_schema
        self.measurer, self.provenance = measurer, provenance
        self.accept, self.calibration = accept, calibration
        self.grey = grey

    @property
    def task_list(self) -> list[Task]:
        """The tasks that fill the readings, in order; none where the network came without them."""
        return []

    @property
    def precision(self) -> str:
        """How its networks compute, such as `torch fp32`."""
        return "torch fp32"

    @property
    def task_names(self) -> tuple[str, ...]:
        """Of the tasks whose answers are read."""
        return ()

    @abstractmethod
    def read_batch(self, samples: Sequence[Sample]) -> list[Reading]:
        """Read loaded samples together."""

    def describe(self, keep: Keep, prefix: str) -> dict[str, Any]:
        """Itself as plain values, for exported files; its networks are handed to `keep`.

        Args:
            keep: exports a network.
            prefix: of the names of its networks.

        Raises:
            RunError: a reader of this kind can't be exported.
        """
        raise RunError(
            f"a {type(self).__name__} can't be exported",
            expected="a reader that describes itself, see `describe` and `made` of `BaseReader`",
        )

    @classmethod
    def made(cls, values: Values, open_network: OpenNetwork) -> Self:
        """The way back of `describe`, without its calibration.

        Args:
            values: what `describe` said.
            open_network: makes what runs a network.

        Raises:
            RunError: a reader of this kind can't be made again.
            KeyError: a value is missing.
        """
        raise RunError(f"a {cls.__name__} can't be made from an exported file")

    def _described(self) -> dict[str, Any]:
        """What every kind says of itself."""
        return {
            "measurer": self.measurer.to_json(),
            "provenance": dict(self.provenance),
            "accept": self.accept,
            "grey": self.grey.to_json(),
        }

    def with_candidates(self) -> Self:
        """The same reader reporting every candidate, unmeasured, as average precision wants it."""
        eager = copy(self)
        eager.accept, eager.measurer, eager.calibration = 0.0, NothingToMeasure(), None
        return eager

    def completed(self, sample: Sample, reading: Reading) -> Reading:
        """A reading with what is seen only in the image, once it is known where to look.

        Args:
            sample: loaded.
            reading: of it, before it is measured.
        """
        return reading

    def measured(self, reading: Reading) -> Reading:
        """A reading with its measurements, and with their intervals where they are known."""
        if self.calibration is not None:
            return self.calibration.measured(reading, self.measurer.measure)
        return reading.with_measurements(self.measurer.measure(reading))

    def read(
        self, image: str | Path | Pixels | Sample, *, spacing: Spacing | None = None
    ) -> Reading:
        """Read one image.

        Args:
            image: a file, (H, W, 3) RGB pixels of 8 bit, or a sample.
            spacing: physical size of a pixel as it is read; without it, and where neither the
                sample nor a DICOM file says it, lengths stay in pixels.

        Raises:
            ImageError: the file can't be read, or the image is too small or of another shape.
            DataError: `spacing` is no `Spacing`.
        """
        sample = image if isinstance(image, Sample) else _as_sample(image, self.grey)
        if spacing is not None:  # of the pixels that are read, whatever was stated before
            unscaled = loaded(replace(sample, spacing=Spacing.unknown()), self.grey)
            sample = replace(unscaled, spacing=spacing)
        sample = loaded(sample, self.grey)
        return flagged(sample, self.read_batch([sample])[0])

    def read_each(self, samples: Iterable[Sample], *, batch_size: int = 4) -> Iterator[Reading]:
        """Read samples in order; one that can't be read gives a reading with `error`.

        Samples without pixels are loaded from their files, one batch at a time.
        """
        for _, reading in self.read_beside(samples, batch_size=batch_size):
            yield reading

    def read_beside(
        self, samples: Iterable[Sample], *, batch_size: int = 4
    ) -> Iterator[tuple[Sample, Reading]]:
        """The same, each reading beside its sample, which has its pixels unless in error."""
        waiting: list[tuple[Sample, Reading | None]] = []
        for sample in samples:
            try:
                waiting.append((loaded(sample, self.grey), None))
            except PolyclinicError as error:
                waiting.append((sample, unread(sample, str(error), self.provenance)))
            if len(waiting) == batch_size:
                yield from self._flush(waiting)
                waiting = []
        yield from self._flush(waiting)

    def _flush(
        self, waiting: Sequence[tuple[Sample, Reading | None]]
    ) -> Iterator[tuple[Sample, Reading]]:
        done = iter(self.read_batch([sample for sample, failed in waiting if failed is None]))
        for sample, failed in waiting:
            yield sample, flagged(sample, next(done)) if failed is None else failed


def loaded(sample: Sample, grey: Grey) -> Sample:
    """A sample with pixels that a reader can look at.

    Args:
        sample: with a file, or loaded.
        grey: what the reader takes for black and white.

    Raises:
        ImageError: the file can't be read, or the image is too small.
    """
    if sample.image is None:
        sample = _with_pixels(sample, sample.file or "", grey)
    if min(sample.size) < MIN_SIDE:
        raise ImageError(
            f"has {sample.size[1]} x {sample.size[0]} pixels",
            expected=f"at least {MIN_SIDE} x {MIN_SIDE}",
            where=sample.file or str(sample.image_id),
        )
    return sample


def _with_pixels(sample: Sample, file: str, grey: Grey) -> Sample:
    return described(with_picture(replace(sample, file=file), read_picture(file, grey)))


def seen_by(sample: Sample, grey: Grey) -> Sample:
    """A loaded sample in the brightness that another reader takes it for."""
    if sample.deep is None or sample.grey_stated:
        return sample
    scale = grey(Meant(values=sample.deep))
    if scale == sample.grey:
        return sample
    return replace(sample, image=scale.to_rgb8(sample.deep), grey=scale)


def flagged(sample: Sample, reading: Reading) -> Reading:
    """A reading with how its file was shown, flagged where that leaves a doubt.

    So is one whose scale was stated for another size, and one whose file holds more than was read.
    """
    said = [*sample.flags, *sample.doubts]
    try:
        pages = 1 if sample.file is None else page_count(sample.file)
    except ImageError:  # the pixels came with the sample, and the file is not there
        pages = 1
    if pages > 1:
        said.append(f"the file has {pages} pages; the first was read")
    if sample.steps:
        provenance = {**reading.provenance, OF_IMAGE: {"steps": list(sample.steps)}}
        reading = replace(reading, provenance=provenance)
    return replace(reading, flags=(*reading.flags, *said)) if said else reading


def _as_sample(image: str | Path | Pixels, grey: Grey) -> Sample:
    if isinstance(image, str | Path):
        return _with_pixels(Sample(image_id=Path(image).name, size=UNKNOWN_SIZE), str(image), grey)
    pixels = np.asarray(image)
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
        raise ImageError(
            f"pixels have shape {pixels.shape} and type {pixels.dtype}",
            expected="(height, width, 3) uint8 RGB",
        )
    size = pixels.shape[:2]
    return Sample(image_id="image", size=size, image=np.asarray(pixels, np.uint8))


def unread(sample: Sample, why: str, provenance: Mapping[str, Any]) -> Reading:
    """The reading of an image that can't be read."""
    return Reading(
        image_id=sample.image_id,
        size=sample.size,
        file=sample.file,
        patient_id=sample.patient_id,
        spacing=sample.spacing,
        error=why,
        provenance=provenance,
    )
