"""Small phantom cohorts of kidney fields, and settings that train on them in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from polyclinic.systems.kidney.phantoms import make_cohort

TINY: dict[str, Any] = {
    "data": {"frame": {"longest": 64}, "split": (0.5, 0.25, 0.25)},
    "model": {"encoder": "test_resnet", "pyramid_channels": 16},
    "train": {"steps": 2, "batch_size": 4, "warmup_steps": 1, "workers": 0},
}


def small_table(folder: Path) -> Path:
    """Sixteen patients, four of each disease, three fields each."""
    return make_cohort(folder, patients=16, images_per_patient=3, seed=0, side=64)


def without(table: Path, *columns: str) -> Path:
    """The same table without some columns, beside it."""
    path = table.with_name(f"without_{'_'.join(columns)}.csv")
    pd.read_csv(table).drop(columns=list(columns)).to_csv(path, index=False)
    return path
