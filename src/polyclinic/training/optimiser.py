"""The optimiser, with weight decay only where it regularises."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from polyclinic.training.config import TrainConfig


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
