"""Films of knees from file to overlay, JSON and CSV: seconds a film, and where they go.

The networks are untrained: weights change what is read, not how long it takes. Parts are timed
exclusively, so that they add up. Takes some minutes; other work on the machine shows in the
seconds, less in the CPU seconds.

python bench/read_film.py [docs/results/read_film.json]
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

import polyclinic
from polyclinic.data import Cohort, open_cohort
from polyclinic.data.images import read_picture
from polyclinic.fitting.describe import describe_model, provenance_of
from polyclinic.reading import Reading
from polyclinic.recipes.assemble import assemble
from polyclinic.runs.stages_file import StagesFile
from polyclinic.runtime import outputs, reads
from polyclinic.runtime.inputs import samples_from
from polyclinic.systems.knee.films import Window
from polyclinic.systems.knee.phantoms import KneePhantomConfig, make_cohort
from polyclinic.systems.knee.reader import FilmReader
from polyclinic.systems.knee.recipe import LOCATE, PLACE, Knee
from polyclinic.training.run_directory import RunDirectory
from spans import Spans

PRESETS = ("paper", "released", "small")
BATCHES = (1, 4)
FILMS = KneePhantomConfig(
    implants=0, missing=0, single=0, off_centre=0, spacing_mm=(0.15, 0.2), widest_px=2500
)
ROUNDS_S, LEAST_ROUNDS = 90.0, 2
SMALL_PROCESS = """
import json, sys
from evaluate_stored import measured
print(json.dumps(measured(sys.argv[1:])))
"""
LOOKS = ("first", "moved", "mirrored")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        annotations = make_cohort(folder, patients=max(BATCHES), seed=0, config=FILMS)
        runs = {one: untrained(one, annotations, folder / one) for one in PRESETS}
        result = compared(annotations, runs)
    text = json.dumps(result, indent=1)
    print(text)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")


def compared(annotations: Path, runs: dict[str, Path]) -> dict[str, Any]:
    """Rounds over all presets and batch sizes in turn, then the command with each."""
    films, load = films_beside(annotations), os.getloadavg()[0]
    readers = {preset: reader_of(run) for preset, run in runs.items()}
    for reader in readers.values():
        read(reader, films[:1], 1)
    rounds: dict[tuple[str, int], list[Spans]] = {
        (preset, batch): [] for preset in PRESETS for batch in BATCHES
    }
    started, done = time.perf_counter(), 0
    while done < LEAST_ROUNDS or time.perf_counter() - started < ROUNDS_S:
        for (preset, batch), spans in rounds.items():
            for first in range(0, len(films), batch):
                spans.append(read(readers[preset], films[first : first + batch], batch))
        done += 1
    return {
        "films": [f"{s.size[1]} x {s.size[0]}" for s in open_cohort(annotations).samples],
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "load_before": round(load, 1),
        "rounds": done,
        "readings": [
            {
                "preset": preset,
                "films_at_a_time": batch,
                "parameters": parameters(runs[preset]),
                "a_film": a_film(spans, batch),
                "command": command(runs[preset], films[:batch], batch),
            }
            for (preset, batch), spans in rounds.items()
        ],
    }


def reader_of(run: Path) -> FilmReader:
    """As the command line loads it; every knee is reported, so that it is measured and drawn."""
    reader = polyclinic.load(run)
    assert isinstance(reader, FilmReader)
    reader.accept = 0.0
    return reader


def untrained(preset: str, annotations: Path, folder: Path) -> Path:
    """A run as training leaves it, with the weights that it starts from."""
    recipe, cohort = Knee(), open_cohort(annotations)
    # Decoys are views without a knee: the label of a view needs two values.
    config = recipe.resolve({"preset": preset, "film": {"decoys": 1.0}})
    film = cohort.load(0)
    stages = recipe.stages(config, cohort.facts())
    run = RunDirectory.start(folder, config, resume=False)
    record = StagesFile.begun(
        cohort.facts(), provenance_of(recipe, cohort, {}), [stage.name for stage in stages]
    )
    run.write_json(StagesFile.NAME, record.to_json())
    for stage in stages:
        views = Cohort(
            samples=tuple(stage.views(film)),
            classes=stage.classes,
            landmark_schema=stage.landmark_schema,
        )
        assembly = assemble(stage.recipe, stage.config, views.facts())
        own = RunDirectory.start(folder / stage.name, stage.config, resume=False)
        description = describe_model(stage.recipe, views, assembly)
        own.save_model(assembly.network.state_dict(), description)
    return folder


def read(reader: FilmReader, films: Sequence[Path], batch: int) -> Spans:
    """What `polyclinic read` does with files, with the time of each part."""
    spans = Spans()
    looks = [f"network place, {one}" for one in LOOKS[: 2 + reader.film.flip]]
    place = spans.timed_in_turn(reader.place.read_batch, looks)
    with (
        tempfile.TemporaryDirectory() as out,
        patch.object(reads, "read_picture", spans.timed(read_picture, "decode and window")),
        patch.object(Window, "cut", spans.timed(Window.cut, "views")),
        patch.object(
            reader.locate, "read_batch", spans.timed(reader.locate.read_batch, "network locate")
        ),
        patch.object(reader.place, "read_batch", place),
        patch.object(reader, "read_batch", spans.timed(reader.read_batch, "map and measure")),
        patch.object(Reading, "draw", spans.timed(Reading.draw, "draw overlay")),
    ):
        spans.timed(_read, "header and rest")(reader, films, batch, Path(out), spans)
    return spans


def _read(reader: FilmReader, films: Sequence[Path], batch: int, out: Path, spans: Spans) -> None:
    readings = []
    write_overlay = spans.timed(outputs.write_overlay, "write")
    for sample, reading in reader.read_beside(samples_from(films), batch_size=batch):
        assert reading.instances, reading.error
        readings.append(reading)
        write_overlay(sample.pixels, reading, out / "overlays")
    spans.timed(outputs.write_readings, "write")(readings, out, ("coco", "csv"))


def a_film(spans: Sequence[Spans], films: int) -> dict[str, Any]:
    """Seconds a film: of the whole, and medians of the parts."""
    return {
        "seconds": middle([sum(one.seconds.values()) / films for one in spans]),
        "cpu_seconds": middle([sum(one.cpu_seconds.values()) / films for one in spans]),
        "parts": {
            part: {
                "seconds": median([one.seconds[part] / films for one in spans]),
                "cpu_seconds": median([one.cpu_seconds[part] / films for one in spans]),
            }
            for part in spans[0].seconds
        },
    }


def middle(values: Sequence[float]) -> dict[str, float]:
    return {
        "median": median(values),
        "least": round(min(values), 4),
        "most": round(max(values), 4),
        "readings": len(values),
    }


def median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 4)


def parameters(run: Path) -> int:
    """Of both networks as they are trained; a loaded one has its normalisation folded in."""
    stages = [RunDirectory.existing(run / name) for name in (LOCATE, PLACE)]
    return sum(stage.load_model()[1]["parameters"] for stage in stages)


def command(run: Path, films: Sequence[Path], batch: int) -> dict[str, float]:
    """What `polyclinic read` takes for one batch, its start included.

    Started from a small process: Linux counts the memory of whoever starts a program as its own.
    """
    verb = [sys.executable, "-m", "polyclinic", "read", run, *films, "--batch-size", str(batch)]
    with tempfile.TemporaryDirectory() as out:
        done = subprocess.run(
            [sys.executable, "-c", SMALL_PROCESS, *verb, "--out", out],
            cwd=Path(__file__).parent,
            stdout=subprocess.PIPE,
            check=True,
        )
    taken: dict[str, float] = json.loads(done.stdout)
    return taken


def films_beside(annotations: Path) -> list[Path]:
    return sorted((annotations.parent / "films").iterdir())


if __name__ == "__main__":
    main()
