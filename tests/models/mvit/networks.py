"""Small networks for the tests."""

from __future__ import annotations

import torch
from torch import nn

from polyclinic.models.mvit import MViTConfig

SMALL = MViTConfig(depths=(1, 2, 3, 2), widths=(8, 16, 32, 64), heads=(1, 2, 4, 4), drop_path=0.0)


def randomise(network: nn.Module, seed: int = 0) -> None:
    """Give every parameter a random value: zeros and ones would hide wrong wiring."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(std=0.1, generator=generator)
