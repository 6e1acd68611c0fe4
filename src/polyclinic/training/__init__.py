"""The loop, loss balancing, schedules, exact resume."""

from polyclinic.training.balance import (
    Balance,
    BalanceConfig,
    EqualBalance,
    FixedBalance,
    UncertaintyBalance,
)
from polyclinic.training.config import TrainConfig
from polyclinic.training.run_directory import RunDirectory
from polyclinic.training.strategy import Strategy, Supervised
from polyclinic.training.train import TrainResult, train

__all__ = [
    "Balance",
    "BalanceConfig",
    "EqualBalance",
    "FixedBalance",
    "RunDirectory",
    "Strategy",
    "Supervised",
    "TrainConfig",
    "TrainResult",
    "UncertaintyBalance",
    "train",
]
