"""Learning rate by progress, without a memory of earlier steps."""

from __future__ import annotations

import math

from polyclinic.training.config import TrainConfig

WARMUP_START = 0.001
"""The factor of the first step of a warm-up, as in NFCMTL's configuration."""

MOST_WARMUP = 0.1
"""On a machine too slow for all steps, warm-up takes at most this share of the time budget."""


def learning_rate(config: TrainConfig, step: int, budget_spent: float = 0.0) -> float:
    """Learning rate of one step.

    Progress is the larger of the share of the steps and the share of the time budget, so that
    the schedule ends annealed whichever runs out first.

    Args:
        config: lr, schedule and warm-up.
        step: steps done before this one.
        budget_spent: share of the time budget that is spent; 0 without a budget.
    """
    progress = config.share_done(step, budget_spent)
    return config.lr * _warmup(config, step, budget_spent) * _annealing(config, progress)


def _warmup(config: TrainConfig, step: int, budget_spent: float) -> float:
    if step >= config.warmup_steps:
        return 1.0
    share = min(1.0, max(step / config.warmup_steps, budget_spent / MOST_WARMUP))
    return WARMUP_START + (1 - WARMUP_START) * share


def _annealing(config: TrainConfig, progress: float) -> float:
    if config.schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * progress))
    passed = sum(progress >= milestone for milestone in config.milestones)
    return (1.0, *config.factors)[passed]
