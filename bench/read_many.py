"""Does a read of very many images stay as fast and as small as it began?

Hard links to some hundred small phantoms are read by a reader of one label, from files to
`readings.json` and the tables, in a process a core; after each thousand the time and the memory
of all processes are noted, pages that they share counted in each.

python bench/read_many.py [--images 100000] [docs/results/read_many.json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from machine import machine
from polyclinic.runs.opening import source_of
from polyclinic.runtime.engines import Job
from polyclinic.runtime.engines.processes import ProcessEngine, cores
from polyclinic.runtime.inputs import samples_from
from polyclinic.runtime.stream import read_all
from read_cohort import label_reader, linked

FORMATS = frozenset({"coco", "csv"})
MEGABYTE = 2**20


class Log:
    """Time and memory after each thousand images; called with (done, in all)."""

    def __init__(self, every: int) -> None:
        self.every, self.process = every, psutil.Process()
        self.rows: list[dict[str, float]] = []

    def __call__(self, done: int, _: int) -> None:
        """Note where the read is, if another thousand is full."""
        if done >= self.every * len(self.rows):
            everyone = [self.process, *self.process.children(recursive=True)]
            rss = sum(one.memory_info().rss for one in everyone) / MEGABYTE
            self.rows.append({"images": done, "seconds": time.perf_counter(), "rss_mb": rss})

    def thousands(self) -> list[dict[str, float]]:
        """Images a second within each, and memory at its end."""
        return [
            {
                "images": after["images"],
                "images_per_s": round(
                    (after["images"] - before["images"]) / (after["seconds"] - before["seconds"]), 2
                ),
                "rss_mb": round(after["rss_mb"], 1),
            }
            for before, after in zip(self.rows, self.rows[1:], strict=False)
        ]


def read(run: Path, images: Path, out: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """In a process of its own, so that nothing else is in its memory."""
    log = Log(asked.every)
    started = time.perf_counter()
    samples = samples_from([images])
    listed = time.perf_counter() - started
    job = Job(out=out, formats=FORMATS)
    with ProcessEngine() as engine:
        outcome = read_all(source_of(run, asked.precision), samples, job, engine, told=log)
    seconds = time.perf_counter() - started
    return {
        "listing_s": round(listed, 2),
        "reading_s": round(outcome.seconds, 1),
        "assembling_s": round(time.perf_counter() - log.rows[-1]["seconds"], 1),
        "all_s": round(seconds, 1),
        "images_per_s": round(outcome.rate, 2),
        "unread": outcome.outputs.unread,
        "written_mb": {
            path.name: round(path.stat().st_size / MEGABYTE, 1) for path in outcome.outputs.written
        },
        "thousands": log.thousands(),
    }


def main() -> None:
    asked = arguments()
    if asked.child:
        print(json.dumps(read(*map(Path, asked.child), asked)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run, images = label_reader(folder, patients=asked.patients, steps=asked.steps)
        many = linked(images, asked.images, folder / "many")
        options = ["--every", str(asked.every), "--precision", asked.precision]
        child = [sys.executable, __file__, *options, "--child"]
        done = subprocess.run(
            [*child, run, many, folder / "out"], stdout=subprocess.PIPE, check=True
        )
    result = json.loads(done.stdout.splitlines()[-1])
    shown = {
        "images": asked.images,
        "files": len(images),
        "precision": asked.precision,
        "processes": cores(),
        "machine": machine(),
        **ends(result["thousands"]),
        **result,
    }
    text = json.dumps(shown, indent=1)
    print(text)
    if asked.result:
        asked.result.write_text(text + "\n", encoding="utf-8")


def ends(thousands: list[dict[str, float]]) -> dict[str, Any]:
    """The first against the last, and how far single ones are from the median."""
    first, last = thousands[0], thousands[-1]
    rates = [one["images_per_s"] for one in thousands]
    middle = statistics.median(rates)
    return {
        "first": first,
        "last": last,
        "last_by_first": {
            key: round(last[key] / first[key], 4) for key in ("images_per_s", "rss_mb")
        },
        "rate_by_median": {
            "least": round(min(rates) / middle, 3),
            "most": round(max(rates) / middle, 3),
        },
        "most_rss_mb": max(one["rss_mb"] for one in thousands),
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", nargs="?", type=Path)
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--every", type=int, default=1000)
    parser.add_argument("--patients", type=int, default=75, help="of four images each")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--precision", default="openvino fp32", help="a way to compute")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
