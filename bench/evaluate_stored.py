"""`polyclinic evaluate` on 10,000 stored readings of 20 instances with masks and landmarks.

python bench/evaluate_stored.py [docs/results/evaluate_stored.json] [IMAGES]
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from stored_cohort import Sizes, write_stored


def main() -> None:
    images = int(sys.argv[2]) if len(sys.argv) > 2 else Sizes.images
    sizes = Sizes(images=images, patients=max(2, images // 5))
    with tempfile.TemporaryDirectory() as folder:
        data, readings = write_stored(Path(folder), sizes)
        out = Path(folder, "evaluated")
        before = os.getloadavg()[0]
        seconds, cpu, peak = measured(
            [sys.executable, "-m", "polyclinic", "evaluate", readings, "--data", data, "--out", out]
        )
        figures = json.loads(Path(out, "metrics.json").read_text(encoding="utf-8"))["metrics"]
        result: dict[str, Any] = {
            "images": sizes.images,
            "instances_an_image": sizes.instances,
            "patients": sizes.patients,
            "megabytes": {
                "data": round(data.stat().st_size / 1e6),
                "readings": round(readings.stat().st_size / 1e6),
            },
            "cores": os.cpu_count(),
            "load_before": round(before, 1),
            "seconds": round(seconds, 1),
            "cpu_seconds": round(cpu, 1),
            "peak_memory_gib": round(peak, 2),
            "figures": len(figures),
            "with_interval": sum(one["lower"] is not None for one in figures),
        }
    text = json.dumps(result, indent=1)
    print(text)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")


def measured(command: list[Any]) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak memory in GiB of a command."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=sys.stderr)
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20


if __name__ == "__main__":
    main()
