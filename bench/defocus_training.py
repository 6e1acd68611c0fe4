"""The kidney recipe without a diagnosis: trained, and read with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from bench.defocus_fields import DEEPEST, Pictures
from rich.console import Console

from polyclinic.config import merge
from polyclinic.fitting.fit import Fitted, fit
from polyclinic.metrics.figure import Values
from polyclinic.runs.load import load_run

USUAL: Mapping[str, Any] = {
    "seed": 0,
    "data": {
        "split": "file",
        "augment": {"mirror": 0.5, "upend": 0.5, "degrees": 0.0},
    },
    "train": {"steps": 1_000_000, "batch_size": 16, "checkpoint_every": 300},
}
"""Changes of the small preset. Views are not turned, as that would smooth their noise.

There is no validation part, since the recipe would choose weights by the diagnosis: the last
averaged weights are kept.
"""


def trained(table: Path, changes: Mapping[str, Any], minutes: float) -> Fitted:
    """The training beside a table, from its last checkpoint where an earlier call was killed."""
    run = table.parent / "run"
    settings = merge(merge(USUAL, changes), {"train": {"max_minutes": minutes}})
    resume = (run / "config.yaml").is_file()
    return fit("kidney", table, run, settings, resume=resume, console=Console())


def read(fitted: Fitted, seen: Pictures) -> tuple[Values, Values]:
    """(N, H, W) restored images, 0 black to 1 white, and (N,) stated poorness."""
    readings = list(load_run(fitted.run.path).read_each(seen.samples, batch_size=16))
    failed = [one.error for one in readings if one.error is not None]
    if failed:
        raise SystemExit(failed[0])
    restored = np.stack([np.asarray(one.restored, float) / DEEPEST for one in readings])
    return restored, np.array([one.quality["quality"] for one in readings])


def cost(fitted: Fitted) -> dict[str, Any]:
    """What was trained and how long."""
    return {
        "tasks_left_out": list(fitted.left_out),
        "steps": fitted.result.steps,
        "seconds": round(fitted.result.seconds, 1),
    }
