"""Choose the fastest way to compute that reads as the plain one does, on this machine."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from polyclinic.errors import reason
from polyclinic.reading import Reading
from polyclinic.runtime.agreement import LIMITS, Agreement, agreement
from polyclinic.runtime.precision import Backend
from polyclinic.runtime.reads import BaseReader
from polyclinic.sample import Sample

ROUNDS = 3


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One way, tried.

    Args:
        way: of computing.
        seconds: an image, median.
        agreement: with the plain way.
        failure: why it could not be tried to the end; None where it could.
    """

    way: Backend
    seconds: float
    agreement: Agreement
    failure: str | None = None

    @property
    def agrees(self) -> bool:
        """Whether it reads as the plain way does."""
        return self.failure is None and self.agreement.within(LIMITS)

    def __str__(self) -> str:
        if self.failure is not None:
            return f"{self.way}: {self.failure}"
        over = ", ".join(self.agreement.over(LIMITS))
        return f"{self.way}: {self.seconds:.3g} s an image{f', differs: {over}' if over else ''}"


def try_backends(
    ways: Sequence[tuple[Backend, Callable[[], BaseReader]]], samples: Sequence[Sample]
) -> list[Trial]:
    """Read the same images in several ways, in turn; a faster one that fails is a trial too.

    Args:
        ways: the plain one first, each with what opens its reader.
        samples: loaded.
    """
    (first, open_plain), *others = ways
    plain = open_plain()
    wanted = _read(plain, samples)
    opened: list[tuple[Backend, BaseReader, Agreement]] = [(first, plain, agreement([]))]
    failed: list[Trial] = []
    for way, open_reader in others:
        try:
            reader = open_reader()
            found = agreement(list(zip(wanted, _read(reader, samples), strict=True)))
            opened.append((way, reader, found))
        except Exception as error:  # runtimes have exceptions of all kinds
            failed.append(_failed(way, error))
    seconds: dict[Backend, list[float]] = {way: [] for way, _, _ in opened}
    for _ in range(ROUNDS):
        for way, reader, _ in opened:
            for sample in samples:
                began = time.perf_counter()
                reader.read_batch([sample])
                seconds[way].append(time.perf_counter() - began)
    tried = [
        Trial(way=way, seconds=median(seconds[way]), agreement=found) for way, _, found in opened
    ]
    return [*tried, *failed]


def _read(reader: BaseReader, samples: Sequence[Sample]) -> list[Reading]:
    return [reader.read_batch([sample])[0] for sample in samples]


def _failed(way: Backend, error: Exception) -> Trial:
    return Trial(way=way, seconds=math.inf, agreement=agreement([]), failure=reason(error))


def fastest(trials: Sequence[Trial]) -> Trial:
    """The fastest of those that read as the plain way does."""
    return min((one for one in trials if one.agrees), key=lambda one: one.seconds)


def native_bf16() -> bool:
    """Whether OpenVINO computes in bfloat16 on this CPU without pretending."""
    from polyclinic.runtime.predictors.openvino_silent import core

    return "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
