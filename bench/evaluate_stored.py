"""`polyclinic evaluate` on 10,000 stored readings of instances with masks and landmarks.

python bench/evaluate_stored.py --instances 2 20 --out docs/results/evaluate_stored.json
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stored_cohort import Sizes, write_stored


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=Sizes.images)
    parser.add_argument("--instances", type=int, nargs="+", default=[2, 20], help="an image")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    runs = []
    for instances in asked.instances:
        patients = max(2, asked.images // 5)
        runs.append(timed(Sizes(images=asked.images, instances=instances, patients=patients)))
        print(json.dumps(runs[-1], indent=1))
    if asked.out is not None:
        text = json.dumps({"cores": os.cpu_count(), "runs": runs}, indent=1)
        asked.out.write_text(text + "\n", encoding="utf-8")


def timed(sizes: Sizes) -> dict[str, Any]:
    """Write the files, judge them in a process of their own, and say what it took."""
    with tempfile.TemporaryDirectory() as folder:
        data, readings = write_stored(Path(folder), sizes)
        out = Path(folder, "evaluated")
        load = os.getloadavg()[0]
        used = measured(
            [sys.executable, "-m", "polyclinic", "evaluate", readings, "--data", data, "--out", out]
        )
        figures = json.loads(Path(out, "metrics.json").read_text(encoding="utf-8"))["metrics"]
        return {
            **asdict(sizes),
            "megabytes_of_data": round(data.stat().st_size / 1e6),
            "megabytes_of_readings": round(readings.stat().st_size / 1e6),
            "load_before": round(load, 1),
            **used,
            "figures": len(figures),
            "with_interval": sum(one["lower"] is not None for one in figures),
        }


def measured(command: list[Any]) -> dict[str, float]:
    """What a command took."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=sys.stderr)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the command failed: {os.waitstatus_to_exitcode(status)}")
    return {
        "seconds": round(time.perf_counter() - start, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_megabytes": round(used.ru_maxrss * 1024 / 1e6),
    }


if __name__ == "__main__":
    main()
