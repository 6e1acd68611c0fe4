"""Training throughput of the recipe nailfold against a plain float32 loop, and both loss curves.

The plain loop is what a straightforward PyTorch script does with the same network: float32,
contiguous tensors, `torch.optim.AdamW` and gradient clipping as they come, regions cropped by
torchvision, images prepared in the main process. Ours is what `polyclinic fit` runs. Both get the
same images in the same views, from the same code, so augmentation costs both alike; the plain loop
waits for it.

Blocks of steps alternate between the sides in one process, and each pair of blocks trains on the
same batches. A block's first steps are not counted, and its loader prepares past its end, as in
the middle of a long training. Half an hour on two idle cores.

python bench/train_speed.py [--only small|paper] [--without-curves] [docs/results/train_speed.json]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from machine import machine
from train_curves import curves
from train_parts import cropping, floating_point_work, rates
from train_sides import ON_THE_WAY, OURS, PLAIN, Bench, Side, Step

SEED = 0
RATE = 1e-5
"""Small: speed is of no weights in particular, and both sides should keep the same regions."""

AHEAD = 4
"""Batches that the loader prepares past the end of a block."""


@dataclass(frozen=True)
class Plan:
    """How a preset is measured.

    Args:
        sides: in which blocks are run in turn.
        blocks: of each side.
        warm: steps of a block that are not counted.
        steps: that are.
        changes: settings over those of the preset.
        curve_steps, curve_seeds, curve_changes: of the loss curves.
    """

    sides: Sequence[Side]
    blocks: int
    warm: int
    steps: int
    changes: dict[str, Any]
    curve_steps: int
    curve_seeds: int
    curve_changes: dict[str, Any]


PLANS = {
    "small": Plan((PLAIN, *ON_THE_WAY, OURS), 6, 3, 12, {}, 84, 4, {}),
    "paper": Plan(
        (PLAIN, OURS),
        3,
        1,
        2,
        {"train": {"batch_size": 2}},
        24,
        3,
        # Smaller images than the preset's, or these steps would take hours.
        {"train": {"batch_size": 1}, "data": {"frame": {"longest": 384, "shortest": None}}},
    ),
}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("out", nargs="?", type=Path)
    asked.add_argument("--only", choices=PLANS)
    asked.add_argument("--without-curves", action="store_true")
    given = asked.parse_args()
    result: dict[str, Any] = {
        "machine": machine(),
        "gflop_per_s": rates(),
        "cropping": cropping(),
    }
    with tempfile.TemporaryDirectory() as name:
        for preset in [given.only] if given.only else PLANS:
            plan = PLANS[preset]
            bench = Bench(preset, Path(name), plan.changes)
            result[preset] = throughput(bench, plan)
            print(preset, json.dumps(result[preset], indent=1), flush=True)
            if not given.without_curves:
                curve_bench = Bench(preset, Path(name), plan.curve_changes)
                result[preset]["curves"] = curves(curve_bench, plan.curve_steps, plan.curve_seeds)
    text = json.dumps(result, indent=1)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")


def throughput(bench: Bench, plan: Plan) -> dict[str, Any]:
    """Images a second of each side, and how many times those of the plain loop, block by block."""
    steps = {side.name: bench.step(side, SEED) for side in plan.sides}
    blocks: dict[str, list[Block]] = {side.name: [] for side in plan.sides}
    for number in range(plan.blocks):
        # Every other time backwards, so that no side always follows the same other one.
        for side in plan.sides if number % 2 == 0 else plan.sides[::-1]:
            blocks[side.name].append(timed(bench, side, steps[side.name], plan, number))
    plain = blocks[PLAIN.name]
    return {
        "batch_size": bench.batch_size,
        "gflop_an_image": floating_point_work(bench, SEED),
        "blocks": plan.blocks,
        "steps_a_block": plan.steps,
        "sides": {
            name: described(own, plain, bench.batch_size * plan.steps)
            for name, own in blocks.items()
        },
    }


@dataclass(frozen=True)
class Block:
    """Seconds of the counted steps of one block, and how many of them went by waiting."""

    seconds: float
    cpu_seconds: float
    waited: float


def timed(bench: Bench, side: Side, step: Step, plan: Plan, number: int) -> Block:
    """One block of one side."""
    first = number * plan.steps
    last = first + plan.warm + plan.steps
    waited = began = cpu = 0.0
    with bench.batches(side, SEED, first, last + AHEAD) as batches:
        for now in range(first, last):
            if now == first + plan.warm:
                waited, began, cpu = 0.0, time.perf_counter(), time.process_time()
            asked = time.perf_counter()
            batch = next(batches)
            waited += time.perf_counter() - asked
            step(batch, step=now, rate=RATE)
        return Block(time.perf_counter() - began, time.process_time() - cpu, waited)


def described(own: Sequence[Block], plain: Sequence[Block], images: int) -> dict[str, Any]:
    """Medians and range over the blocks."""
    ratios = [one.seconds / mine.seconds for mine, one in zip(own, plain, strict=True)]
    return {
        "images_per_s": spread([images / block.seconds for block in own]),
        "times_plain": spread(ratios),
        "waiting_share": spread([block.waited / block.seconds for block in own]),
        "cpu_seconds_an_image": spread([block.cpu_seconds / images for block in own]),
    }


def spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "median": round(median(values), 4),
        "least": round(min(values), 4),
        "most": round(max(values), 4),
    }


if __name__ == "__main__":
    main()
