"""What one training step looks at: the samples as they are, or mixed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
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


class Mixup(Strategy):
    """The batch as it is, and mixed with itself in another order: two passes a step.

    L = l f(x1, p1) + (1 - l) f(l x1 + (1 - l) x2, p2), with x2, p2 the batch in another order and
    one l ~ Beta(a, a) a batch: the mixed images are held against the annotations of the partner.
    This is not the mixup of Zhang et al. (ICLR 2018), which mixes the losses of one mixed image.

    What is drawn follows from the keys of the samples, so a resumed training draws the same.

    Args:
        concentration: a.

    Source: Tiulpin et al., KNEEL, ICCV workshop VRMI 2019, equation 9 as in its code.
    """

    def __init__(self, concentration: float) -> None:
        super().__init__()
        self.concentration = concentration

    def loss_names(self, network: Network) -> tuple[str, ...]:
        """Those of the tasks."""
        return network.loss_names

    def forward(self, network: Network, batch: Batch) -> dict[str, Loss]:
        """Sums and counts of both passes, each weighed by its share."""
        rng = np.random.default_rng(batch.keys)
        share = float(rng.beta(self.concentration, self.concentration))
        order = rng.permutation(len(batch.keys)).tolist()
        return added(network(batch), network(mixed(batch, order, share)), share)


def mixed(batch: Batch, order: Sequence[int], share: float) -> Batch:
    """The batch in another order, with images that are to `share` those of the old order."""
    images = batch.images.float()
    return replace(
        batch,
        images=share * images + (1 - share) * images[torch.tensor(order, device=images.device)],
        sizes=tuple(batch.sizes[row] for row in order),
        targets={name: [rows[row] for row in order] for name, rows in batch.targets.items()},
        keys=tuple(batch.keys[row] for row in order),
        names=tuple(batch.names[row] for row in order),
    )


def added(first: dict[str, Loss], second: dict[str, Loss], share: float) -> dict[str, Loss]:
    """`share` of the first losses and the rest of the second.

    Both passes have the same annotations, so where counts depend on nothing else the mean is the
    weighed sum of the two means.
    """
    weighed = [
        (name, weight * loss.total, weight * loss.count)
        for weight, losses in ((share, first), (1 - share, second))
        for name, loss in losses.items()
    ]
    joined: dict[str, Loss] = {}
    for name, total, count in weighed:
        before = joined.get(name)
        joined[name] = (
            Loss(total, count)
            if before is None
            else Loss(before.total + total, before.count + count)
        )
    return joined
