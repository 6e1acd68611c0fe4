"""Compute in bfloat16 where the machine has instructions for it."""

from __future__ import annotations

from typing import Literal

import torch

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
