"""What one training step looks at."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import nn

from polyclinic.tasks import Batch, Loss, Network


class Strategy(nn.Module, ABC):
    """Turns a batch into named losses; the loop knows nothing else of a method.

    A strategy is a module so that what it owns besides the network (a discriminator, a teacher)
    is trained, synchronised and saved with it. It never opens a file.
    """

    @abstractmethod
    def loss_names(self, network: Network) -> tuple[str, ...]:
        """Every loss that `forward` may return."""

    @abstractmethod
    def forward(self, network: Network, batch: Batch) -> dict[str, Loss]:
        """Losses of a batch; those with nothing annotated are left out."""


class Supervised(Strategy):
    """Each task learns from its annotations."""

    def loss_names(self, network: Network) -> tuple[str, ...]:
        """Those of the tasks."""
        return network.loss_names

    def forward(self, network: Network, batch: Batch) -> dict[str, Loss]:
        """Those of the tasks."""
        return network(batch)
