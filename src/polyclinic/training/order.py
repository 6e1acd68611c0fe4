"""Which sample comes when: a function of the seed and the step, with nothing to remember."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count
from typing import NamedTuple

import numpy as np

KEY_BITS = 62
"""Keys stay below 2^62, so that a task may add to one and still seed a generator with it."""


class Place(NamedTuple):
    """One sample at one time.

    Args:
        row: of the data set.
        key: random key of this sample in this epoch.
    """

    row: int
    key: int


class Order:
    """An endless walk over the samples, each epoch in another order, cut into batches.

    A batch may begin in one epoch and end in the next, so every batch is full. Process r of a
    group takes the samples r, r + world, ... of each global batch.

    Args:
        indices: rows of the data set to train on.
        batch_size: samples of a global batch.
        seed: of the run.
        rank: number of this process.
        world: number of processes.
    """

    def __init__(
        self, indices: Sequence[int], batch_size: int, seed: int, *, rank: int = 0, world: int = 1
    ) -> None:
        self.indices, self.batch_size, self.seed = tuple(indices), batch_size, seed
        self.rank, self.world = rank, world
        self._permutation = lru_cache(maxsize=2)(self._shuffle)

    def batch(self, step: int) -> list[Place]:
        """What this process trains on in a step."""
        start = step * self.batch_size
        return [
            self._place(n) for n in range(start + self.rank, start + self.batch_size, self.world)
        ]

    def from_step(self, first: int, last: int | None) -> Iterator[list[Place]]:
        """The batches of steps `first` to `last` - 1; None goes on for ever."""
        return map(self.batch, count(first) if last is None else range(first, last))

    def epoch(self, step: int) -> float:
        """How often the data has been seen before a step."""
        return step * self.batch_size / len(self.indices)

    def _place(self, position: int) -> Place:
        epoch, turn = divmod(position, len(self.indices))
        row = self.indices[self._permutation(epoch)[turn]]
        return Place(row, random_key(self.seed, epoch, row))

    def _shuffle(self, epoch: int) -> tuple[int, ...]:
        rng = np.random.default_rng([self.seed, epoch])
        return tuple(rng.permutation(len(self.indices)).tolist())


def random_key(*parts: int) -> int:
    """One number from several, well mixed; the same everywhere."""
    word = np.random.SeedSequence(parts).generate_state(1, np.uint64)[0]
    return int(word) >> (64 - KEY_BITS)
