"""The optimiser and its learning rate."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

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


def build_optimiser(module: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """Make the optimiser with two groups: with and without weight decay."""
    exempt = undecayed(module)
    trained = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [p for name, p in trained if name not in exempt]},
        {"params": [p for name, p in trained if name in exempt], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if config.optimiser == "sgd":
        return torch.optim.SGD(
            groups, lr=config.lr, momentum=config.betas[0], weight_decay=config.weight_decay
        )
    return torch.optim.AdamW(
        groups, lr=config.lr, betas=config.betas, weight_decay=config.weight_decay, fused=True
    )


def undecayed(module: nn.Module) -> set[str]:
    """Names of the parameters that are not decayed.

    Biases and the scales of normalisations (all that have one axis), and what a module names in
    `no_weight_decay()`, the custom of timm: tables of relative positions, loss weights.
    """
    names = {name for name, p in module.named_parameters() if p.ndim <= 1}
    for prefix, part in module.named_modules():
        declared = getattr(part, "no_weight_decay", None)
        if callable(declared):
            names |= {f"{prefix}.{name}" if prefix else name for name in declared()}
    return names
