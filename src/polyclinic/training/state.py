"""Everything that a resumed run needs to go on as if it had never stopped.

Random states are not among it: every step seeds them anew from the seed of the run, the step and
the process, and the order of the samples is a function of the seed and the step.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from polyclinic.errors import RunError


def capture(
    module: nn.Module, optimiser: torch.optim.Optimizer, average: nn.Module | None
) -> dict[str, Tensor]:
    """Weights, optimiser and averaged weights as named tensors."""
    tensors = {f"module/{name}": t for name, t in module.state_dict().items()}
    if average is not None:
        tensors |= {f"average/{name}": t for name, t in average.state_dict().items()}
    for name, p in module.named_parameters():
        for key, value in optimiser.state.get(p, {}).items():
            tensors[f"optimiser/{name}/{key}"] = value
    return tensors


def restore(
    tensors: Mapping[str, Tensor],
    module: nn.Module,
    optimiser: torch.optim.Optimizer,
    average: nn.Module | None,
) -> None:
    """Put back what `capture` took.

    Raises:
        RunError: the tensors are of another network.
    """
    try:
        module.load_state_dict(_below("module/", tensors))
        if average is not None:
            average.load_state_dict(_below("average/", tensors))
    except RuntimeError as error:
        raise RunError(
            f"the saved state is of another network ({str(error).splitlines()[-1].strip()})",
            hint="resume with the settings and the data that the run was started with",
        ) from None
    for name, p in module.named_parameters():
        saved = _below(f"optimiser/{name}/", tensors)
        if saved:
            optimiser.state[p] = {key: _as_made(value, p) for key, value in saved.items()}


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}


def _as_made(saved: Tensor, p: Tensor) -> Tensor:
    """A state tensor where and how the optimiser made it: fused steps rely on the memory layout."""
    if saved.shape == p.shape and saved.ndim:
        return torch.empty_like(p, dtype=saved.dtype).copy_(saved)
    return saved.to(p.device)
