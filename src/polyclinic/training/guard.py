"""Stop at the first loss or gradient that is not finite, and keep what caused it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from polyclinic.errors import TrainingError
from polyclinic.tasks import Batch
from polyclinic.training.tensor_file import write_tensors

FOLDER = "nan_batch"


def check_finite(
    values: Mapping[str, float], batch: Batch, *, run: Path, step: int, rank: int
) -> None:
    """Look at a step before its update.

    Args:
        values: losses of the global batch and the norm of its gradient, so that all processes
            stop together.
        batch: this process's own part of it.
        run: folder of the run; the part goes to `nan_batch/step-<step>-rank-<rank>`.
        step: number of this step.
        rank: number of this process.

    Raises:
        TrainingError: a value is nan or infinite.
    """
    bad = {name: str(value) for name, value in values.items() if not math.isfinite(value)}
    if not bad:
        return
    file = run / FOLDER / f"step-{step:06d}-rank-{rank}.safetensors"
    file.parent.mkdir(exist_ok=True)
    tensors = {"images": batch.images} | {
        f"targets/{task}/{row}/{key}": value
        for task, targets in batch.targets.items()
        for row, target in enumerate(targets)
        for key, value in target.items()
    }
    description = {
        "step": step,
        "names": list(batch.names),
        "keys": list(batch.keys),
        "sizes": [list(size) for size in batch.sizes],
        "values": {name: str(value) for name, value in values.items()},
    }
    write_tensors(file, tensors, description)
    raise TrainingError(
        f"not finite in step {step}: {', '.join(f'{k} = {v}' for k, v in bad.items())}",
        where=", ".join(batch.names),
        hint=f"the batch is in {file}; a lower train.lr or train.precision=fp32 may help",
    )
