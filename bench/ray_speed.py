"""Two workers of a Ray cluster on this machine against one, and one of two killed in the middle.

Phantom images are read from files to overlays, `readings.json` and the tables. Both sizes take
turns; a read counts from when all its workers have opened the reader. Outputs are compared byte by
byte with those of this process alone, computing with as many threads as a worker.

python bench/ray_speed.py RUN [--images 240] [--rounds 5] [docs/results/ray_speed.json]

RUN is any nailfold run; `polyclinic demo` leaves one.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from machine import machine
from polyclinic.runs.opening import source_of
from polyclinic.runtime.engines import Job, LocalEngine, ReaderSource
from polyclinic.runtime.engines.ray_cluster import ray_cluster
from polyclinic.runtime.engines.ray_engine import RayEngine
from polyclinic.runtime.inputs import samples_from
from polyclinic.runtime.stream import read_all
from polyclinic.sample import Sample
from polyclinic.systems.nailfold.phantoms import make_cohort
from read_cohort import linked

FORMATS = frozenset({"coco", "csv", "overlay"})
SIZES = (1, 2)
PATIENTS, BATCH = 10, 4


def main() -> None:
    asked = arguments()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name, ray_cluster(cpus=max(SIZES)):
        folder = Path(name)
        bench = Bench(source_of(asked.run), images(folder, asked.images), folder)
        result = {"machine": machine(), "images": asked.images, **compared(bench, asked.rounds)}
    text = json.dumps(result, indent=1)
    print(text)
    if asked.result is not None:
        asked.result.write_text(text + "\n", encoding="utf-8")


def images(folder: Path, count: int) -> list[Sample]:
    annotations = make_cohort(folder / "phantoms", patients=PATIENTS, images_per_patient=4, seed=0)
    drawn = sorted((annotations.parent / "images").iterdir())
    return list(samples_from([linked(drawn, count, folder / "images")]))


def compared(bench: Bench, rounds: int) -> dict[str, Any]:
    """All reads; rates and their ratio round by round."""
    alone = bench.outputs(bench.alone())
    reads: dict[int, list[Read]] = {size: [] for size in SIZES}
    for _ in range(rounds):
        for size, done in reads.items():
            done.append(bench.read(size))
    ratios = [
        two.rate / one.rate for one, two in zip(reads[SIZES[0]], reads[SIZES[1]], strict=True)
    ]
    killed = bench.read(max(SIZES), kill=True)
    return {
        "reads": [
            {"workers": size, "images_per_s": spread([read.rate for read in done])}
            for size, done in reads.items()
        ],
        "ratio": spread(ratios),
        "equal_to_one_process": all(
            bench.outputs(read.out) == alone for done in reads.values() for read in done
        ),
        "killed": {
            "after_images": killed.killed_after,
            "workers_lost": sum("lost" in line for line in killed.said),
            "equal_to_one_process": bench.outputs(killed.out) == alone,
        },
    }


@dataclass(eq=False)
class Read:
    """One read: what was said, and when how much was done.

    Args:
        out: folder of its outputs.
        total: number of images.
        workers: how many must be ready before it counts.
        kill: whether to kill a worker when half is done.
    """

    out: Path
    total: int
    workers: int
    kill: bool
    said: list[str] = field(default_factory=list)
    done: int = 0
    since: tuple[float, int] | None = None
    ended: float = 0.0
    killed_after: int | None = None

    @property
    def rate(self) -> float:
        """Images a second since all workers were ready."""
        assert self.since is not None, "it was over before all workers were there"
        begun, before = self.since
        return (self.total - before) / (self.ended - begun)

    def told(self, line: str) -> None:
        """What the engine says."""
        self.said.append(line)
        if self.since is None and len(self._processes()) == self.workers:
            self.since = (time.perf_counter(), self.done)

    def progressed(self, done: int, total: int) -> None:
        """How far the read is."""
        self.done = done
        if self.kill and self.killed_after is None and self.since and done >= total // 2:
            os.kill(self._processes()[0], signal.SIGKILL)
            self.killed_after = done

    def _processes(self) -> list[int]:
        found = [re.search(r"process (\d+)", line) for line in self.said]
        return [int(one[1]) for one in found if one is not None]


@dataclass(eq=False)
class Bench:
    """The same images and reader for every read."""

    source: ReaderSource
    samples: list[Sample]
    folder: Path
    _reads: int = 0

    def alone(self) -> Path:
        """Read in this process."""
        out = self._out()
        read_all(self.source, self.samples, self._job(out), LocalEngine())
        return out

    def read(self, workers: int, *, kill: bool = False) -> Read:
        """Read on the cluster."""
        read = Read(out=self._out(), total=len(self.samples), workers=workers, kill=kill)
        engine = RayEngine(workers=workers, cpus=1, told=read.told)
        read_all(self.source, self.samples, self._job(read.out), engine, told=read.progressed)
        read.ended = time.perf_counter()
        return read

    def outputs(self, folder: Path) -> dict[str, bytes]:
        """Everything in a folder."""
        files = [file for file in folder.rglob("*") if file.is_file()]
        return {str(file.relative_to(folder)): file.read_bytes() for file in files}

    def _out(self) -> Path:
        self._reads += 1
        return self.folder / f"out-{self._reads}"

    def _job(self, out: Path) -> Job:
        return Job(out=out, formats=FORMATS, batch_size=BATCH)


def spread(values: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 3),
        "least": round(min(values), 3),
        "most": round(max(values), 3),
        "rounds": len(values),
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("result", nargs="?", type=Path)
    parser.add_argument("--images", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
