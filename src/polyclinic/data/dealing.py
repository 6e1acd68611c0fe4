"""Deal patients into parts of wanted sizes, each stratum in proportion."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np


def deal(
    names: Sequence[str],
    strata: dict[str, str],
    shares: Sequence[float],
    seed: int,
    marks: Mapping[str, frozenset[str]] | None = None,
) -> tuple[tuple[str, ...], ...]:
    """Deal names into parts; no part is empty while there are enough names.

    Names are shuffled inside their stratum, strata are laid one after the other, and each name
    goes to the part that lags furthest behind its share. Every stretch of the row is thus dealt
    in proportion (systematic sampling), to within one name. Then names change places until each
    part has one with every mark that enough names have, where that can be: without both values of
    a label a part can't choose or judge a reader of it.

    Args:
        names: what is dealt.
        strata: the stratum of each name.
        shares: wanted size of each part, in any unit; a part of share 0 stays empty.
        seed: of the shuffling.
        marks: what each name stands for besides its stratum, such as each value of each label.
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
    if marks is not None:
        _spread([part for part in parts if part], marks)
    return tuple(tuple(part) for part in parts)


def _spread(parts: Sequence[list[str]], marks: Mapping[str, frozenset[str]]) -> None:
    """Exchange names, in place, so that each part has every mark that as many names have."""
    often = Counter(mark for part in parts for name in part for mark in marks[name])
    wanted = [
        mark
        for mark, number in sorted(often.items(), key=lambda one: (one[1], one[0]))
        if number >= len(parts)
    ]
    for mark in wanted:
        for part in parts:
            if not any(mark in marks[name] for name in part):
                _bring(mark, part, parts, marks, set(wanted))


def _bring(
    mark: str,
    lacking: list[str],
    parts: Sequence[list[str]],
    marks: Mapping[str, frozenset[str]],
    wanted: set[str],
) -> None:
    """Exchange two names so that a part gets a mark, and neither part loses one; else nothing.

    Of all such pairs the most alike are exchanged, which changes the proportions least.
    """
    best: tuple[int, list[str], int, int] | None = None
    keeps = _spare(lacking, marks, wanted)
    for giver in parts:
        if sum(mark in marks[name] for name in giver) < 2:
            continue
        spare = _spare(giver, marks, wanted)
        for here, given in enumerate(giver):
            if mark not in marks[given]:
                continue
            for there, returned in enumerate(lacking):
                if (marks[given] - marks[returned]) & wanted <= spare and (
                    marks[returned] - marks[given]
                ) & wanted <= keeps:
                    apart = len(marks[given] ^ marks[returned])
                    if best is None or apart < best[0]:
                        best = apart, giver, here, there
    if best is not None:
        _, giver, here, there = best
        giver[here], lacking[there] = lacking[there], giver[here]


def _spare(part: Sequence[str], marks: Mapping[str, frozenset[str]], wanted: set[str]) -> set[str]:
    """The marks that a part has more than once."""
    often = Counter(mark for name in part for mark in marks[name])
    return {mark for mark in wanted if often[mark] > 1}


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
