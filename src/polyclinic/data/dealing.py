"""Deal patients into parts of wanted sizes, each stratum in proportion."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np


def deal(
    names: Sequence[str], strata: dict[str, str], shares: Sequence[float], seed: int
) -> tuple[tuple[str, ...], ...]:
    """Deal names into parts; no part is empty while there are enough names.

    Names are shuffled inside their stratum, strata are laid one after the other, and each name
    goes to the part that lags furthest behind its share. Every stretch of the row is thus dealt
    in proportion (systematic sampling), to within one name.

    Args:
        names: what is dealt.
        strata: the stratum of each name.
        shares: wanted size of each part, in any unit; a part of share 0 stays empty.
        seed: of the shuffling.
    """
    shuffled = _shuffled_by_stratum(names, strata, np.random.default_rng(seed))
    quotas = part_sizes(len(names), shares)
    parts: list[list[str]] = [[] for _ in shares]
    for place, name in enumerate(shuffled, start=1):
        lag = [
            quota * place / len(names) - len(part)
            for quota, part in zip(quotas, parts, strict=True)
        ]
        parts[int(np.argmax(lag))].append(name)
    return tuple(tuple(part) for part in parts)


def part_sizes(number: int, shares: Sequence[float]) -> list[int]:
    """Whole sizes that add up to `number`, by largest remainder, at least 1 where possible."""
    wanted = np.asarray(shares, float) / sum(shares) * number
    sizes = np.floor(wanted).astype(int)
    for part in np.argsort(sizes - wanted, kind="stable")[: number - sizes.sum()]:
        sizes[part] += 1
    for part in np.flatnonzero((sizes == 0) & (wanted > 0)):
        largest = int(sizes.argmax())
        if sizes[largest] > 1:
            sizes[largest] -= 1
            sizes[part] += 1
    return [int(size) for size in sizes]


def _shuffled_by_stratum(
    names: Sequence[str], strata: dict[str, str], random: np.random.Generator
) -> list[str]:
    by_stratum: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        by_stratum[strata[name]].append(name)
    order = sorted(by_stratum)
    random.shuffle(order)
    for stratum in order:
        random.shuffle(by_stratum[stratum])
    return [name for stratum in order for name in by_stratum[stratum]]
