"""COCO evaluation beside pycocotools and faster-coco-eval: time, agreement, memory.

python bench/coco_eval.py --out docs/results/coco_eval.json

Boxes, masks and landmarks of 5,000 images with 20 annotated and 20 found instances. Ours goes from
samples and readings in memory to every figure of the AP family. The others are timed from their
own objects in memory through `evaluate` and `accumulate` at stock settings (landmarks with our
sigmas); what it takes to make those objects from rows in memory is listed beside it. All take
turns in one process, on one thread.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import faster_coco_eval
import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from coco_set import CLASSES, SCHEMA, coco_set
from polyclinic.metrics.case import Case
from polyclinic.metrics.coco_figures import average_precision_figures
from polyclinic.metrics.detect.objects import Kind
from polyclinic.reading import Reading
from polyclinic.reading.coco import readings_to_coco

INSTANCES = 20
SIZES = (1250, 2500, 5000)
KINDS: tuple[Kind, ...] = ("box", "mask", "landmarks")
KEYS = {"bbox": "bbox", "segm": "segmentation", "keypoints": "keypoints"}
FAMILY = ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar1", "ar10", "ar100")
NAMES = {
    "bbox": [f"box_{name}" for name in FAMILY],
    "segm": [f"mask_{name}" for name in FAMILY],
    "keypoints": ["oks_ap", "oks_ap50", "oks_ap75"],
}
Rows = list[dict[str, Any]]
Timed = dict[str, float]
OTHERS: dict[str, tuple[Any, Any]] = {
    "pycocotools": (COCO, COCOeval),
    "faster_coco_eval": (faster_coco_eval.COCO, faster_coco_eval.COCOeval_faster),
}


def main() -> None:
    options = parsed()
    if options.memory:
        print(memory_growth(options.memory))
        return
    memory = {str(images): measured_apart(images) for images in SIZES}
    cases = coco_set(options.images, INSTANCES)
    truth, found = as_rows(cases)
    load = os.getloadavg()[0]
    rounds = []
    for _ in range(options.repeats):
        rounds.append(one_round(cases, truth, found))
        print({name: round(one["seconds"], 2) for name, one in rounds[-1].items()}, flush=True)
    result = {
        "images": len(cases),
        "instances_an_image": INSTANCES,
        "repeats": options.repeats,
        **summary(rounds),
        "peak_memory_growth_mib": memory,
        "load_before": round(load, 1),
        "load_after": round(os.getloadavg()[0], 1),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("numpy", "pycocotools", "faster-coco-eval")},
    }
    text = json.dumps(result, indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, help="where the result is stored")
    parser.add_argument("--memory", type=int, help="only measure memory, of so many images")
    return parser.parse_args()


def one_round(cases: list[Case], truth: dict[str, Any], found: Rows) -> dict[str, dict[str, Any]]:
    total = {"seconds": 0.0, "cpu_seconds": 0.0}
    values = spend(total, lambda: ours(cases))
    result: dict[str, dict[str, Any]] = {"polyclinic": {**total, "values": values}}
    for name, (dataset, judge) in OTHERS.items():
        with contextlib.redirect_stdout(io.StringIO()):
            result[name] = theirs(dataset, judge, truth, found)
    return result


def ours(cases: list[Case]) -> dict[str, float]:
    once = np.ones(len(cases))
    return {
        figure.name: figure.value(once) or 0.0
        for kind in KINDS
        for figure in average_precision_figures(cases, kind, SCHEMA)
    }


def theirs(dataset: Any, judge: Any, truth: dict[str, Any], found: Rows) -> dict[str, Any]:
    total, loading = ({"seconds": 0.0, "cpu_seconds": 0.0} for _ in range(2))
    values: dict[str, float] = {}
    annotated = dataset()
    annotated.dataset = truth
    spend(loading, annotated.createIndex)
    for kind, key in KEYS.items():
        kept = ("image_id", "category_id", "score", key)
        rows = [{name: row[name] for name in kept} for row in found]
        results = spend(loading, partial(annotated.loadRes, rows))
        evaluation = judge(annotated, results, kind)
        if kind == "keypoints":
            evaluation.params.kpt_oks_sigmas = np.array(SCHEMA.sigmas)
        spend(total, evaluation.evaluate)
        spend(total, evaluation.accumulate)
        evaluation.summarize()
        values |= dict(zip(NAMES[kind], map(float, evaluation.stats), strict=False))
    return {**total, "loading_seconds": loading["seconds"], "values": values}


def spend(total: Timed, work: Callable[[], Any]) -> Any:
    """Do something and add what it took; garbage is collected before, not meanwhile (`timeit`)."""
    gc.collect()
    gc.disable()
    started, clock = time.perf_counter(), time.process_time()
    done = work()
    total["seconds"] += time.perf_counter() - started
    total["cpu_seconds"] += time.process_time() - clock
    gc.enable()
    return done


def as_rows(cases: list[Case]) -> tuple[dict[str, Any], Rows]:
    """Annotations and readings as COCO has them."""
    annotated = [
        Reading(
            image_id=sample.image_id,
            size=sample.size,
            classes=CLASSES,
            landmark_schema=SCHEMA,
            instances=sample.instances,
        )
        for sample, _ in cases
    ]
    found: Rows = readings_to_coco([reading for _, reading in cases])["annotations"]
    return readings_to_coco(annotated), found


def summary(rounds: list[dict[str, dict[str, Any]]]) -> dict[str, Any]:
    """Medians with the range, and how many times longer the others take in each round."""
    result: dict[str, Any] = {}
    for name in ("polyclinic", *OTHERS):
        each = [one[name] for one in rounds]
        result[name] = {
            key: spread([one[key] for one in each]) for key in each[0] if key != "values"
        }
    for name in OTHERS:
        result[name] |= {
            "times_ours": spread(
                [one[name]["seconds"] / one["polyclinic"]["seconds"] for one in rounds]
            ),
            "times_ours_cpu": spread(
                [one[name]["cpu_seconds"] / one["polyclinic"]["cpu_seconds"] for one in rounds]
            ),
            "times_ours_with_loading": spread(
                [
                    (one[name]["seconds"] + one[name]["loading_seconds"])
                    / one["polyclinic"]["seconds"]
                    for one in rounds
                ]
            ),
            "greatest_difference": max(
                abs(one[name]["values"][key] - one["polyclinic"]["values"][key])
                for one in rounds
                for key in one[name]["values"]
            ),
        }
    result["values"] = {
        key: round(value, 6) for key, value in rounds[0]["polyclinic"]["values"].items()
    }
    return result


def spread(values: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 2),
        "least": round(min(values), 2),
        "most": round(max(values), 2),
    }


def measured_apart(images: int) -> float:
    """In a process of its own, so that nothing freed before is used again."""
    command = [sys.executable, __file__, "--memory", str(images)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def memory_growth(images: int) -> float:
    """MiB by which the process grows while it evaluates, beyond samples and readings."""
    cases = coco_set(images, INSTANCES)
    ours(cases[:10])
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak
    ours(cases)
    return round((status("VmHWM") - before) / 1024, 1)


def status(name: str) -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))


if __name__ == "__main__":
    main()
