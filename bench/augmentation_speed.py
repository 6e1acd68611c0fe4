"""Augmentation beside torchvision, albumentations and MONAI: images a second, and how exact.

python -m bench.augmentation_speed [docs/results/augmentation_speed.json]

One thread, one image at a time, nailfold phantoms of 1024 x 768 with about 20 instances, each with
mask, box and eight landmarks. The libraries take turns image by image. Exactness comes first: spots
and discs are painted, and found again in what each library makes of them. albumentations is no
dependency and is left out, by name, where it can't be imported.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from bench.augmentation_speed_exactness import Made, exactness
from bench.augmentation_speed_library import TRAINING, Library
from bench.augmentation_speed_monai import Monai, MonaiLazy
from bench.augmentation_speed_ours import Polyclinic, PolyclinicWholeMasks
from bench.augmentation_speed_tables import exactness_table, speed_tables
from bench.augmentation_speed_torchvision import Torchvision, TorchvisionNearest
from bench.machine import machine

from polyclinic.sample import Sample
from polyclinic.systems.nailfold.phantoms import STATES, make_image

IMAGES, INSTANCES = 5, (17, 24)
SECONDS = 90.0
PEERS = ("torch", "torchvision", "monai", "albumentations", "opencv-python-headless", "numpy")


def main() -> None:
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
    absent = [] if find_spec("albumentations") else ["albumentations"]
    for one in absent:
        print(f"{one} is not installed: left out", flush=True)
    exact = exactness(libraries())
    print("\n".join(exactness_table(exact)), flush=True)
    fast = speed(phantoms())
    print("\n".join(speed_tables(fast)))
    result = {
        "machine": machine(),
        "versions": versions(),
        "absent": absent,
        "exactness": exact,
        "speed": fast,
    }
    if len(sys.argv) > 1:
        text = json.dumps(result, indent=1)
        Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")


def versions() -> dict[str, str]:
    """Of all that is installed."""
    found = {}
    for one in PEERS:
        with suppress(PackageNotFoundError):
            found[one] = version(one)
    return found


def libraries() -> list[Made]:
    """All that can be imported."""
    made: list[Made] = [Polyclinic, PolyclinicWholeMasks, Torchvision, TorchvisionNearest]
    if find_spec("albumentations"):
        from bench.augmentation_speed_albumentations import Albumentations

        made.append(Albumentations)
    return [*made, Monai, MonaiLazy]


def phantoms() -> list[Sample]:
    """Images with about 20 instances; what is out of focus gets landmarks around its box."""
    found: list[Sample] = []
    seed = 0
    while len(found) < IMAGES:
        one = make_image(seed, STATES[seed % len(STATES)])
        if INSTANCES[0] <= len(one.instances or ()) <= INSTANCES[1]:
            found.append(annotated(one))
        seed += 1
    return found


def annotated(sample: Sample) -> Sample:
    """Every instance with eight labelled landmarks and a number."""
    instances = []
    for row, one in enumerate(sample.instances or ()):
        x1, y1, x2, y2 = one.box
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        around = [(x1, y1), (x, y1), (x2, y1), (x2, y), (x2, y2), (x, y2), (x1, y2), (x1, y)]
        landmarks = np.column_stack([around, np.full(8, 2.0)])
        if one.landmarks is not None:
            labelled = one.landmarks[:, 2] > 0
            landmarks[labelled] = one.landmarks[labelled]
        instances.append(replace(one, landmarks=landmarks, id=row))
    return replace(sample, instances=tuple(instances))


def speed(samples: Sequence[Sample]) -> dict[str, Any]:
    """With all annotations, and of the image alone."""
    alone = [replace(one, instances=()) for one in samples]
    return {
        "images": len(samples),
        "instances": [len(one.instances or ()) for one in samples],
        "with annotations": timed(samples, SECONDS),
        "image alone": timed(alone, SECONDS / 3),
    }


def timed(samples: Sequence[Sample], seconds: float) -> dict[str, Any]:
    """Seconds of every library on every image in turn, again until the time is over."""
    made = [one(TRAINING, 0.0, 0) for one in libraries()]
    given = [[one.take(sample) for sample in samples] for one in made]
    for library, theirs in zip(made, given, strict=True):
        library.augment(theirs[0])
    rounds = []
    started = time.perf_counter()
    while not rounds or time.perf_counter() - started < seconds:
        rounds.append(
            [
                [once(library, theirs[row]) for library, theirs in zip(made, given, strict=True)]
                for row in range(len(samples))
            ]
        )
    taken = np.array(rounds).reshape(-1, len(made), 2)
    busy, passed = taken[..., 0], taken[..., 1]
    return {
        library.name: {
            "images_per_core_second": round(float(1 / np.median(busy[:, row])), 2),
            "core_seconds": spread(busy[:, row]),
            "core_seconds_over_ours": spread(busy[:, row] / busy[:, 0]),
            "wall_seconds": spread(passed[:, row]),
            "wall_seconds_over_ours": spread(passed[:, row] / passed[:, 0]),
        }
        for row, library in enumerate(made)
    }


def once(library: Library, given: Any) -> tuple[float, float]:
    """Seconds of the core, which other work on the machine does not enter, and on the clock."""
    passed, busy = time.perf_counter(), time.process_time()
    library.augment(given)
    return time.process_time() - busy, time.perf_counter() - passed


def spread(values: np.ndarray) -> dict[str, float]:
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    named = {"median": middle, "p5": low, "p95": high}
    return {**{key: round(float(one), 5) for key, one in named.items()}, "number": len(values)}


if __name__ == "__main__":
    main()
