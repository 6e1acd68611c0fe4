"""A reader without a network: what it says depends on the pixels of each image alone."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from threading import Lock

import numpy as np
from PIL import Image

from polyclinic.data.augment import FrameConfig
from polyclinic.measure.measurer import Measurer
from polyclinic.reading import Measurement, Reading
from polyclinic.runtime.engines import Job, ReaderSource
from polyclinic.runtime.reads import BaseReader
from polyclinic.sample import Instance, Mask, Sample

CLASSES = ("bright",)
FORMATS = frozenset({"coco", "csv", "overlay", "restored"})


class Widths(Measurer):
    """Widths of what was found."""

    def measure(self, reading):
        unit = "um" if reading.spacing.known else "px"
        scale = reading.spacing.column_mm * 1000 if reading.spacing.known else 1.0
        return tuple(
            Measurement(
                name="width",
                value=float(one.box[2] - one.box[0]) * scale,
                unit=unit,
                instance=row,
                scale_source=reading.spacing.origin,
            )
            for row, one in enumerate(reading.instances or ())
        )


class Seeing(BaseReader):
    """Finds what is bright; pauses as long as it was told to."""

    def __init__(self, pause=0.0, batch_size=None):
        super().__init__(
            frame=FrameConfig(longest=64),
            classes=CLASSES,
            landmark_schema=None,
            measurer=Widths(),
            provenance={"model": "seeing"},
            accept=0.5,
        )
        self.pause, self.seen = pause, []
        if batch_size is not None:
            self.batch_size = batch_size

    @property
    def precision(self):
        return "by eye"

    def read_batch(self, samples):
        time.sleep(self.pause * len(samples))
        self.seen.append(len(samples))
        return [self._reading(sample) for sample in samples]

    def _reading(self, sample):
        grey = sample.pixels.mean(2)
        bright = Mask.from_array(grey > 128)
        share = float(grey.mean() / 255)
        found = [Instance(box=bright.box(), category=0, mask=bright, score=0.9)]
        return self.measured(
            Reading(
                image_id=sample.image_id,
                size=sample.size,
                file=sample.file,
                patient_id=sample.patient_id,
                spacing=sample.spacing,
                classes=self.classes,
                instances=tuple(found) if bright.area else (),
                findings={"light": {"much": share, "little": 1 - share}},
                quality={"mean": share} if share > 0.2 else {},
                restored=sample.pixels[::-1].copy(),
                provenance=self.provenance,
            )
        )


class Counting(Seeing):
    """Counts the samples with pixels that have come alive whenever it looks."""

    def __init__(self):
        super().__init__()
        gc.collect()
        self.before, self.most_alive = alive(), 0
        self.one_look = Lock()  # a count keeps alive what it counts

    def read_batch(self, samples):
        with self.one_look:
            self.most_alive = max(self.most_alive, alive() - self.before)
        return super().read_batch(samples)


def alive():
    return sum(type(one) is Sample and one.image is not None for one in gc.get_objects())


class Precise(Seeing):
    """Computes otherwise."""

    @property
    def precision(self):
        return "int8"


def open_seeing(path: Path, precision: str | None):
    """The file holds the pause in seconds."""
    return Seeing(float(path.read_text()))


def seeing(folder: Path, pause: float = 0.0) -> ReaderSource:
    """A source whose reader pauses a while with each image."""
    path = folder / "seeing.txt"
    path.write_text(str(pause))
    return ReaderSource(path=path, loader=open_seeing)


class Given:
    """A source of a reader that is at hand."""

    def __init__(self, reader: BaseReader, path: Path):
        self.reader, self.path, self.precision = reader, path, None

    def load(self):
        return self.reader


def draw_images(folder: Path, count: int, *, bad: tuple[int, ...] = ()) -> Path:
    """Small images, each with a bright patch of its own; some are no images."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        file = folder / f"{number:04}.png"
        if number in bad:
            file.write_text("no picture")
            continue
        rng = np.random.default_rng(number)
        pixels = rng.integers(0, 60, (24, 32, 3)).astype(np.uint8)
        x, y = rng.integers(0, 16, 2)
        pixels[y : y + 8, x : x + 4 + number % 9] = 220
        Image.fromarray(pixels).save(file)
    return folder


def job_into(out: Path, **known) -> Job:
    return Job(**({"out": out, "formats": FORMATS, "batch_size": 3} | known))


def files_of(folder: Path) -> dict[str, bytes]:
    """All of a folder, byte by byte."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
