"""How a network is trained, and in which precision."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Literal, Self

import torch
from pydantic import Field, model_validator

from polyclinic.config import Config

Precision = Literal["auto", "fp32", "bf16"]
Resolved = Literal["fp32", "bf16"]
FabricPrecision = Literal["32-true", "bf16-mixed"]


def resolved(wanted: Precision, accelerator: str) -> Resolved:
    """What a precision comes to on this machine; `auto` takes bfloat16 only where it is fast.

    Without such instructions bfloat16 is emulated and several times slower than float32.

    Args:
        wanted: the setting.
        accelerator: `cuda` or `cpu`.
    """
    if wanted == "auto":
        return "bf16" if _computes_bf16(accelerator) else "fp32"
    return wanted


def fabric_precision(wanted: Precision, accelerator: str) -> FabricPrecision:
    """Fabric's name for a precision.

    Mixed: weights, gradients and the optimiser stay in float32, as do losses and normalisation
    statistics; convolutions, matrix products and attention are computed in bfloat16.
    """
    return "bf16-mixed" if resolved(wanted, accelerator) == "bf16" else "32-true"


def _computes_bf16(accelerator: str) -> bool:
    if accelerator == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    # Every processor with AMX has these instructions too.
    return torch.cpu._is_avx512_bf16_supported()


class TrainConfig(Config):
    """Settings of the training loop."""

    steps: int | None = Field(10_000, ge=1, description="None: max_minutes alone ends it")
    max_minutes: float | None = Field(
        None, gt=0, description="wall-clock budget; the schedule fits itself to it"
    )
    batch_size: int = Field(4, ge=1, description="images a step, over all devices")
    optimiser: Literal["adamw", "sgd"] = "adamw"
    lr: float = Field(1.6e-4, gt=0)
    weight_decay: float = Field(0.1, ge=0)
    betas: tuple[float, float] = Field((0.9, 0.999), description="of AdamW; SGD: momentum is first")
    warmup_steps: int = Field(250, ge=0)
    schedule: Literal["cosine", "step"] = "cosine"
    milestones: tuple[float, ...] = Field((0.75, 0.95), description="shares of the training")
    factors: tuple[float, ...] = Field((0.1, 0.01), description="of lr, one a milestone")
    clip_norm: float | None = Field(1.0, gt=0, description="largest norm of the whole gradient")
    ema: float | None = Field(
        None, gt=0, lt=1, description="decay of averaged weights, used to evaluate and to keep"
    )
    precision: Precision = Field("auto", description="auto is bf16 where the machine computes it")
    channels_last: bool = Field(
        False, description="memory layout of convolutions; faster for some networks, safe when off"
    )
    workers: int | None = Field(
        None, ge=0, description="processes that prepare samples; unset fits the machine"
    )
    devices: int = Field(1, ge=1, description="processes that train together, one a GPU")
    log_every: int = Field(10, ge=1)
    evaluate_every: int = Field(500, ge=1)
    checkpoint_every: int = Field(500, ge=1)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.steps is None and self.max_minutes is None:
            raise ValueError("nothing would end the training: give steps, max_minutes or both")
        if len(self.milestones) != len(self.factors):
            raise ValueError("milestones and factors differ in length")
        if not all(a < b for a, b in pairwise((0.0, *self.milestones, 1.0))):
            raise ValueError("milestones must rise between 0 and 1")
        if self.devices > self.batch_size:
            raise ValueError("batch_size must be at least the number of devices")
        return self

    def share_done(self, step: int, budget_spent: float) -> float:
        """Share of the training that is over, 0 to 1: of the steps or the budget, the larger.

        Args:
            step: steps done.
            budget_spent: share of the time budget that is spent; 0 without a budget.
        """
        return min(1.0, max(0.0 if self.steps is None else step / self.steps, budget_spent))

    @property
    def extent(self) -> str:
        """What ends the training, in words."""
        steps = "" if self.steps is None else f"{self.steps} steps"
        if self.max_minutes is None:
            return steps
        budget = f"{self.max_minutes:.3g} min"
        return f"{steps} or {budget}, whichever comes first" if steps else budget

    def without_effect(self) -> Mapping[str, str]:
        """Steps of a rate that falls smoothly."""
        if self.schedule == "step":
            return {}
        return dict.fromkeys(("milestones", "factors"), f"the schedule is {self.schedule}")
