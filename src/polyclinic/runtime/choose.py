"""Choose the fastest way to compute that reads as the plain one does, on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from polyclinic.reading import Reading
from polyclinic.runtime.agreement import LIMITS, Agreement, agreement
from polyclinic.runtime.precision import Way
from polyclinic.runtime.reads import Reads
from polyclinic.sample import Sample

ROUNDS = 3


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One way, tried.

    Args:
        way: of computing.
        seconds: an image, median.
        agreement: with the plain way.
    """

    way: Way
    seconds: float
    agreement: Agreement

    @property
    def agrees(self) -> bool:
        """Whether it reads as the plain way does."""
        return self.agreement.within(LIMITS)

    def __str__(self) -> str:
        over = ", ".join(self.agreement.over(LIMITS))
        return f"{self.way}: {self.seconds:.3g} s an image{f', differs: {over}' if over else ''}"


def try_ways(
    ways: Sequence[tuple[Way, Callable[[], Reads]]], samples: Sequence[Sample]
) -> list[Trial]:
    """Read the same images in several ways, in turn.

    Args:
        ways: the plain one first, each with what opens its reader.
        samples: loaded.
    """
    readers = [(way, open_reader()) for way, open_reader in ways]
    readings: list[list[Reading]] = [
        [reader.read_batch([sample])[0] for sample in samples] for _, reader in readers
    ]
    seconds: list[list[float]] = [[] for _ in readers]
    for _ in range(ROUNDS):
        for row, (_, reader) in enumerate(readers):
            for sample in samples:
                began = time.perf_counter()
                reader.read_batch([sample])
                seconds[row].append(time.perf_counter() - began)
    return [
        Trial(
            way=way,
            seconds=median(seconds[row]),
            agreement=agreement(list(zip(readings[0], readings[row], strict=True))),
        )
        for row, (way, _) in enumerate(readers)
    ]


def fastest(trials: Sequence[Trial]) -> Trial:
    """The fastest of those that read as the plain way does."""
    return min((one for one in trials if one.agrees), key=lambda one: one.seconds)


def native_bf16() -> bool:
    """Whether OpenVINO computes in bfloat16 on this CPU without pretending."""
    from polyclinic.runtime.predictors.openvino_silent import core

    return "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
