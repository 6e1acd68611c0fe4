"""Where the time of a reading goes: each graph, what lies between them, and measuring.

python -m bench.read_parts runs/demo runs/paper --images 6 --into docs/results/read_parts.json

Nailfold runs, read by OpenVINO in float32 and in bfloat16, one image after the other with nothing
beside it. Medians over phantoms.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from bench.machine import machine
from bench.read_speed import phantoms

from polyclinic.atomic import write_text
from polyclinic.runs.fast import fast_reader
from polyclinic.runtime.predictors.graph_predictor import GraphPredictor
from polyclinic.runtime.predictors.predictor import SizedPredictor
from polyclinic.runtime.reader import Reader
from polyclinic.sample import Sample

PRECISIONS = ("fp32", "bf16")


class Parts:
    """Adds up the seconds that functions take, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def timed(self, owner: Any, method: str, name: str) -> Any:
        """Have calls of a method count under a name, while the patch lasts."""
        plain = getattr(owner, method)

        def counted(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return plain(*given, **named)
            finally:
                self.seconds[name] += time.perf_counter() - began

        return patch.object(owner, method, counted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--images", type=int, default=6)
    parser.add_argument("--into", type=Path, help="JSON file for the result")
    asked = parser.parse_args()
    result: dict[str, Any] = {"machine": machine(), "images": asked.images, "runs": {}}
    with tempfile.TemporaryDirectory() as name:
        cohort = phantoms("nailfold", Path(name) / "phantoms", asked.images)
        samples = [cohort.load(row) for row in range(asked.images)]
        for run in asked.runs:
            result["runs"][run.name] = {
                one: parts(fast_reader(run, one, samples[0].size), samples) for one in PRECISIONS
            }
    text = json.dumps(result, indent=1)
    print(text)
    if asked.into is not None:
        write_text(text + "\n", asked.into)


def parts(reader: Any, samples: list[Sample]) -> dict[str, float]:
    """Milliseconds an image, by part."""
    assert isinstance(reader, Reader)
    graphs = reader.predictor
    graphs = graphs.sized if isinstance(graphs, SizedPredictor) else graphs
    assert isinstance(graphs, GraphPredictor)
    reader.read(samples[0])
    rows = []
    for sample in samples:
        count = Parts()
        sessions = [(graphs.whole, "whole image"), *((s, n) for n, s in graphs.regions.items())]
        patches = [count.timed(session, "run", name) for session, name in sessions]
        patches.append(count.timed(reader, "measured", "measuring"))
        for one in patches:
            one.start()
        began = time.perf_counter()
        reader.read_batch([sample])
        whole = time.perf_counter() - began
        for one in patches:
            one.stop()
        rest = whole - sum(count.seconds.values())
        rows.append({**count.seconds, "all else": rest, "in all": whole})
    return {name: round(1e3 * median(row[name] for row in rows), 1) for name in rows[0]}


if __name__ == "__main__":
    main()
