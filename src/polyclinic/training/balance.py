"""How several losses become one objective."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from polyclinic.config import Config
from polyclinic.errors import ConfigError, nearest

S_LIMIT = 10.0
"""Bound of the log variances: a loss is weighed between e^-10 / 2 and e^10 / 2."""


class Balance(nn.Module, ABC):
    """Weighs named losses. Its parameters are trained with those of the network."""

    @abstractmethod
    def forward(self, means: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The contribution of each loss that a batch has; their sum is minimised."""

    def state_of(self, name: str) -> dict[str, float]:
        """What to log beside a loss."""
        return {}


class UncertaintyBalance(Balance):
    """Homoscedastic uncertainty: 0.5 exp(-s) L + 0.5 s with s = log sigma^2 of each loss.

    Kendall, Gal, Cipolla: "Multi-Task Learning Using Uncertainty to Weigh Losses", CVPR 2018,
    equation 10, in the log-variance form. For a fixed L the minimum is at s = ln L with the
    value 0.5 + 0.5 ln L. A loss that a batch lacks leaves its s untouched.

    Args:
        loss_names: every loss that may occur.
    """

    def __init__(self, loss_names: Sequence[str]) -> None:
        super().__init__()
        self.log_variance = nn.ParameterDict({name: torch.zeros(()) for name in loss_names})

    def forward(self, means: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Weigh each loss by its own uncertainty."""
        with torch.no_grad():
            # Kept inside by projection: clamping in the formula would end the gradient there.
            for name in means:
                self.log_variance[name].clamp_(-S_LIMIT, S_LIMIT)
        return {
            name: 0.5 * torch.exp(-self.log_variance[name]) * mean + 0.5 * self.log_variance[name]
            for name, mean in means.items()
        }

    def state_of(self, name: str) -> dict[str, float]:
        """Log variance s and sigma of a loss."""
        s = self.log_variance[name].detach()
        return {"s": float(s), "sigma": float(torch.exp(0.5 * s))}

    def no_weight_decay(self) -> set[str]:
        """Decay would pull every s to 0, that is, every weight to one half."""
        return {name for name, _ in self.named_parameters()}


class FixedBalance(Balance):
    """A constant weight a loss.

    Args:
        weights: by loss name.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        super().__init__()
        self.weights = dict(weights)

    def forward(self, means: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Weigh each loss by its constant."""
        return {name: self.weights[name] * mean for name, mean in means.items()}


class EqualBalance(FixedBalance):
    """The plain sum: the baseline of every other balance."""

    def __init__(self, loss_names: Sequence[str]) -> None:
        super().__init__(dict.fromkeys(loss_names, 1.0))


class BalanceConfig(Config):
    """How the losses of a network are weighed."""

    kind: Literal["uncertainty", "equal", "fixed"] = "uncertainty"
    weights: dict[str, float] = Field(
        default_factory=dict, description="of `fixed`, by loss name; losses not named weigh 1"
    )

    def build(self, loss_names: Sequence[str]) -> Balance:
        """Make the balance for the losses of a network.

        Raises:
            ConfigError: a weight names no loss, is negative, or is given to another kind.
        """
        for name, weight in self.weights.items():
            if self.kind != "fixed":
                raise ConfigError(
                    f"weights are given but kind is {self.kind!r}",
                    where="balance",
                    hint="set balance.kind=fixed or leave the weights out",
                )
            if name not in loss_names:
                raise ConfigError(
                    f"no loss is named {name!r}",
                    where="balance.weights",
                    hint=nearest(name, loss_names),
                )
            if not 0 <= weight < float("inf"):
                raise ConfigError(f"{name} = {weight}", expected=">= 0", where="balance.weights")
        if self.kind == "uncertainty":
            return UncertaintyBalance(loss_names)
        if self.kind == "equal":
            return EqualBalance(loss_names)
        return FixedBalance(dict.fromkeys(loss_names, 1.0) | self.weights)
