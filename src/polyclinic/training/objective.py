"""The module that is trained: network, strategy and balance, from a batch to one number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor, nn

from polyclinic.errors import TrainingError, nearest
from polyclinic.tasks import Batch, Loss, Network
from polyclinic.training.balance import Balance
from polyclinic.training.strategy import Strategy


class Sealed:
    """A batch that Fabric can't see into.

    Fabric rounds every float that it finds in the inputs to the network's precision, which would
    move boxes and landmarks by pixels in bfloat16.
    """

    def __init__(self, batch: Batch) -> None:
        self.batch = batch


class Outcome(NamedTuple):
    """What one step minimises, and what it logs.

    Args:
        objective: () with a gradient. Averaged over processes it is that of the global batch.
        means: mean of each loss over the global batch; absent losses are left out.
        weighted: contribution of each to the objective of the global batch.
    """

    objective: Tensor
    means: dict[str, Tensor]
    weighted: dict[str, Tensor]


class Objective(nn.Module):
    """From a batch to what is minimised.

    Losses come as sums and counts. Each mean is the sum of one process times the number of
    processes over the count of all, so that gradients averaged over processes equal those of one
    process that sees the global batch, also for losses that only some processes have.

    Args:
        network: the network.
        strategy: makes the named losses.
        balance: weighs them.
    """

    def __init__(self, network: Network, strategy: Strategy, balance: Balance) -> None:
        super().__init__()
        self.network, self.strategy, self.balance = network, strategy, balance
        self.names = strategy.loss_names(network)
        if len(set(self.names)) < len(self.names):
            raise TrainingError(f"two losses share a name: {', '.join(self.names)}")

    def forward(self, sealed: Sealed) -> Outcome:
        """Weigh the losses of a batch.

        Raises:
            TrainingError: a loss was not declared.
        """
        losses = self.strategy(self.network, sealed.batch)
        sums = self._sums(losses, sealed.batch.images.device)
        world = _add_up_processes(sums)
        totals, counts = (dict(zip(self.names, row, strict=True)) for row in sums)
        present = [name for name, count in counts.items() if count > 0]
        own = {name: _mean(losses.get(name), counts[name], world) for name in present}
        objective = self._anchored(
            sum(self.balance(own).values(), torch.zeros_like(totals[self.names[0]]))
        )
        with torch.no_grad():
            means = {name: (totals[name] / counts[name]).float() for name in present}
            weighted = self.balance(means)
        return Outcome(objective, means, weighted)

    def _sums(self, losses: Mapping[str, Loss], device: torch.device) -> Tensor:
        """(2, N) totals and counts of this process."""
        if undeclared := set(losses) - set(self.names):
            raise TrainingError(
                f"the network returned a loss {min(undeclared)!r} that is not in loss_names",
                hint=nearest(min(undeclared), self.names),
            )
        sums = torch.zeros(2, len(self.names), dtype=torch.float64, device=device)
        for column, name in enumerate(self.names):
            if name in losses:
                sums[0, column] = losses[name].total.detach()
                sums[1, column] = losses[name].count.detach()
        return sums

    def _anchored(self, objective: Tensor) -> Tensor:
        """Give an objective without a graph one: other processes wait for its gradients."""
        if objective.requires_grad:
            return objective
        return objective + 0 * next(p for p in self.parameters() if p.requires_grad).sum()


def _mean(loss: Loss | None, count: Tensor, world: int) -> Tensor:
    """A process's share of the global mean, times the number of processes."""
    if loss is None:
        return torch.zeros_like(count, dtype=torch.float32)
    return loss.total.float() * (world / count).float()


def _add_up_processes(sums: Tensor) -> int:
    """Add the other processes' sums in place; the number of processes."""
    if not (dist.is_available() and dist.is_initialized()):
        return 1
    dist.all_reduce(sums)
    return dist.get_world_size()
