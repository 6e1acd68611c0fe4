"""Where training runs."""

from __future__ import annotations

import logging

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies import DDPStrategy

from polyclinic.errors import ConfigError
from polyclinic.training.config import Resolved, TrainConfig, fabric_precision


def accelerator() -> str:
    """`cuda` where this machine has a GPU, else `cpu`."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def build_fabric(config: TrainConfig, precision: Resolved) -> Fabric:
    """Fabric on the GPUs of this machine, or on its processor when it has none.

    Args:
        config: how many.
        precision: in which the network computes.

    Raises:
        ConfigError: fewer GPUs than `devices`.
    """
    if accelerator() == "cuda" and config.devices > torch.cuda.device_count():
        raise ConfigError(
            f"devices = {config.devices}",
            expected=f"at most {torch.cuda.device_count()}, the GPUs of this machine",
            where="train",
        )
    # Its notes on precision and processes would break the progress bar.
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    # A loss may be absent from the batch of one process, and its head then has no gradient.
    several = DDPStrategy(find_unused_parameters=True)
    return Fabric(
        accelerator=accelerator(),
        devices=config.devices,
        strategy=several if config.devices > 1 else "auto",
        precision=fabric_precision(precision, accelerator()),
    )
