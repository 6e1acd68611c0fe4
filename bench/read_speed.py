"""Images from files to `measurements.csv`: as polyclinic reads them, and plain eager torch.

python -m bench.read_speed runs/paper --images 8 --into docs/results/read_speed_paper.json

Both read the same files with the same weights on the same cores, in turn: ours in a process a
core, as the command reads many images, the plain reader on as many threads. The plain reader is
the network in eager torch, in float32 and without anything folded, one image after the other; it
looks at every candidate's mask and landmarks, as the published code does, before the threshold.
What is read is compared too, on more of the phantoms than are timed: figures of both against the
annotations, and reading with reading.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from bench.machine import machine

from polyclinic.atomic import write_text
from polyclinic.data import Cohort, open_cohort
from polyclinic.metrics.case import Case
from polyclinic.reading import Reading
from polyclinic.reading.table import write_measurements
from polyclinic.recipes.find import find_recipe
from polyclinic.recipes.judge import judge, read_cases
from polyclinic.runs import load as loading
from polyclinic.runs.choose import choose_backend
from polyclinic.runs.opening import load, source_of
from polyclinic.runtime.agreement import agreement
from polyclinic.runtime.engines import Job
from polyclinic.runtime.engines.processes import ProcessEngine
from polyclinic.runtime.predictors.predictor import Pixels, Predicted
from polyclinic.runtime.predictors.torch_predictor import TorchPredictor
from polyclinic.runtime.reads import BaseReader
from polyclinic.runtime.stream import read_all
from polyclinic.sample import Sample
from polyclinic.training.run_directory import RunDirectory

FIGURES = {
    "nailfold": ("mask_ap", "mask_ap50", "oks_ap", "box_ap", "instance_f1"),
    "knee": ("knee_error_median_mm", "knee_pck_2mm"),
}
SEED = 4711
CORES = 2


class PlainPredictor(TorchPredictor):
    """The network as it was trained: every candidate is looked at, whatever its score."""

    def predict(self, images: Sequence[Pixels], least: float) -> list[Predicted]:
        """Look at images; `least` is not heeded."""
        return super().predict(images, 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="of the nailfold or the knee recipe")
    parser.add_argument("--images", type=int, default=8, help="that are timed")
    parser.add_argument("--judged", type=int, default=24, help="images that are judged")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", help="a way, such as 'openvino bf16'; chosen unless given")
    parser.add_argument("--into", type=Path, help="JSON file for the result")
    asked = parser.parse_args()
    torch.set_num_threads(min(CORES, torch.get_num_threads()))
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory() as name:
        result = compared(asked, Path(name))
    text = json.dumps(result, indent=1)
    print(text)
    if asked.into is not None:
        write_text(text + "\n", asked.into)


def compared(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    config = RunDirectory.existing(asked.run).config()
    number = max(asked.images, asked.judged)
    cohort = phantoms(config["recipe"], folder / "phantoms", number)
    files = [
        Sample(image_id=str(s.image_id), size=(0, 0), file=s.file)
        for s in cohort.samples[: asked.images]
    ]
    way = asked.precision or str(choose_backend(asked.run, files * 40, print))
    plain, fast = plain_reader(asked.run), load(asked.run, precision=way)
    source = source_of(asked.run, way)
    source.load()
    with ProcessEngine(workers=CORES) as engine:
        seconds, first = in_turn(
            {
                "plain": lambda: read_plainly(plain, files, folder / "plain"),
                "ours": lambda: read_ours(source, files, folder / "ours", engine),
            },
            asked.rounds,
        )
    ratios = [a / b for a, b in zip(seconds["plain"], seconds["ours"], strict=True)]
    rows = range(asked.judged)
    cases = {
        "plain": read_cases(plain, cohort, rows),
        "ours": read_cases(fast, cohort, rows),
    }
    return {
        "recipe": config["recipe"],
        "preset": config["preset"],
        "image": f"{cohort.samples[0].size[1]} x {cohort.samples[0].size[0]}",
        "images": len(files),
        "way": way,
        "processes": CORES,
        "plain_s": per_image(seconds["plain"], len(files)),
        "ours_s": per_image(seconds["ours"], len(files)),
        "start_of_processes_s": round(first["ours"] - statistics.median(seconds["ours"]), 1),
        "images_per_s": round(len(files) / statistics.median(seconds["ours"]), 2),
        "ratio": spread(ratios),
        "judged": asked.judged,
        "read": agreed(plain, cases),
        "figures": figures(config["recipe"], asked.run, plain, cases),
        "machine": machine(),
    }


def phantoms(recipe: str, folder: Path, images: int) -> Cohort:
    """Held-out images of a size that the recipe is used with."""
    made = find_recipe(recipe).make_phantoms(
        folder, patients=images, images=1, seed=SEED, progress=lambda done, total: None
    )
    return open_cohort(made)


def plain_reader(run: Path) -> BaseReader:
    """The run in eager torch, with nothing folded or laid out anew."""
    with (
        patch.object(loading, "fuse_for_inference", lambda network: network.eval()),
        patch.object(loading, "TorchPredictor", PlainPredictor),
    ):
        return loading.load(run)


def read_plainly(reader: BaseReader, samples: Sequence[Sample], out: Path) -> None:
    readings = [reader.read(sample.file or "") for sample in samples]
    write_measurements(readings, out / "measurements.csv")


def read_ours(source: Any, samples: Sequence[Sample], out: Path, engine: ProcessEngine) -> None:
    job = Job(out=out, formats=frozenset({"csv"}))
    read_all(source, samples, job, engine, fresh=True)


def in_turn(
    ways: dict[str, Callable[[], None]], rounds: int
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Seconds of each by round, and those of a first round that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, work in ways.items():
            began = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - began)
    first = {name: rows.pop(0) for name, rows in seconds.items()}
    return seconds, first


def agreed(reader: BaseReader, cases: Mapping[str, Sequence[Case]]) -> dict[str, Any]:
    """Differences of what is reported."""
    pairs = [
        (reported(reader, one), reported(reader, other))
        for (_, one), (_, other) in zip(cases["plain"], cases["ours"], strict=True)
    ]
    found = {name: round(value, 4) for name, value in vars(agreement(pairs)).items()}
    counts = [(len(a.instances or ()), len(b.instances or ())) for a, b in pairs]
    return found | {"instances": [sum(one) for one in zip(*counts, strict=True)]}


def reported(reader: BaseReader, candidates: Reading) -> Reading:
    """What a reader says of an image, from all its candidates."""
    return reader.measured(candidates.accepted(reader.accept))


def figures(
    recipe: str, run: Path, reader: BaseReader, cases: Mapping[str, Sequence[Case]]
) -> dict[str, dict[str, float]]:
    """By the name of the reader."""
    made, config = loading.recipe_of(RunDirectory.existing(run))
    found: dict[str, dict[str, float]] = {}
    for name, read in cases.items():
        values = {
            one.name: float(one.value(np.ones(len(read))))
            for one in judge(made, config, reader.task_list, read, reader.accept)
        }
        found[name] = {
            key: round(value, 5)
            for key, value in values.items()
            if key in FIGURES[recipe] or "diameter" in key
        }
    return found


def per_image(seconds: Sequence[float], images: int) -> dict[str, float]:
    return spread([one / images for one in seconds])


def spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 4),
        "least": round(min(values), 4),
        "most": round(max(values), 4),
    }


if __name__ == "__main__":
    main()
