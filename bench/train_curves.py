"""Loss curves of the plain loop and of ours, from the same weights on the same batches.

Rounding alone sends two trainings apart: their proposals differ soon, and with them the regions
that are drawn. So our step in float32 is run too; its distance from the plain loop, which computes
the same with another optimiser kernel, is what no difference at all looks like.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import mean, stdev
from typing import Any

import torch
from scipy import stats

from polyclinic.training.optimiser import learning_rate
from polyclinic.training.order import random_key
from train_sides import IN_FP32, OURS, PLAIN, Bench, Side

POINTS = 12
"""A curve is stored as so many means of equal length."""

Curve = Mapping[str, Sequence[float]]


def curves(bench: Bench, steps: int, seeds: int) -> dict[str, Any]:
    """Both curves a seed, and what the end of ours differs by, with its interval over seeds."""
    found: dict[str, list[Curve]] = {}
    for seed in range(seeds):
        for side in (PLAIN, OURS, IN_FP32):
            found.setdefault(side.name, []).append(trained(bench, side, seed, steps))
            print(side.name, "seed", seed, flush=True)
    plain = found[PLAIN.name]
    return {
        "steps": steps,
        "seeds": seeds,
        "batch_size": bench.batch_size,
        "end": "mean over the last third",
        "ours_to_plain": differences(found[OURS.name], plain),
        "fp32_to_plain": differences(found[IN_FP32.name], plain),
        "curves": {name: [thinned(one) for one in all_seeds] for name, all_seeds in found.items()},
    }


def trained(bench: Bench, side: Side, seed: int, steps: int) -> Curve:
    """Every loss of every step; nan where a batch lacks one. `sum`: of the losses, unweighted."""
    config = bench.config.train
    config = config.model_copy(
        update={"steps": steps, "warmup_steps": min(config.warmup_steps, steps // 5)}
    )
    step = bench.step(side, seed)
    names = bench.loss_names
    rows: dict[str, list[float]] = {name: [] for name in (*names, "sum")}
    with bench.batches(side, seed, 0, steps) as batches:
        for number, batch in enumerate(batches):
            torch.manual_seed(random_key(seed, number, 0, 1))  # what our own step draws from
            values = step(batch, step=number, rate=learning_rate(config, number))
            losses = {name: values.get(f"raw {name}", math.nan) for name in names}
            for name, value in losses.items():
                rows[name].append(value)
            rows["sum"].append(sum(v for v in losses.values() if not math.isnan(v)))
    return rows


def differences(ours: Sequence[Curve], plain: Sequence[Curve]) -> dict[str, Any]:
    """Of each loss at the end: relative difference, paired by seed, with a 95 % t interval."""
    return {
        name: _difference([end(c[name]) for c in ours], [end(c[name]) for c in plain])
        for name in plain[0]
    }


def _difference(ours: Sequence[float], plain: Sequence[float]) -> dict[str, float]:
    shares = [o / p - 1 for o, p in zip(ours, plain, strict=True)]
    half = math.nan
    if len(shares) > 1:
        quantile = float(stats.t.ppf(0.975, len(shares) - 1))
        half = quantile * stdev(shares) / math.sqrt(len(shares))
    return {
        "plain": round(mean(plain), 4),
        "relative": round(mean(shares), 4),
        "lower": round(mean(shares) - half, 4),
        "upper": round(mean(shares) + half, 4),
    }


def end(values: Sequence[float]) -> float:
    """Mean over the last third."""
    return _mean(values[-(len(values) // 3) :])


def thinned(curve: Curve) -> dict[str, list[float]]:
    """Means over equal parts of a curve."""
    thin = {}
    for name, values in curve.items():
        size = len(values) // POINTS
        parts = [values[k * size : (k + 1) * size] for k in range(POINTS)]
        thin[name] = [round(_mean(part), 4) for part in parts]
    return thin


def _mean(values: Sequence[float]) -> float:
    there = [v for v in values if not math.isnan(v)]
    return mean(there) if there else math.nan
