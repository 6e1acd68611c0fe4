"""Prepare batches ahead of the network, in this process or in others.

A `multiprocessing.Queue` pickles in a thread of its own, and what fails there is printed and lost:
whoever waits at the other end waits for ever. Shared memory that is full (64 MiB is the usual limit
of containers) fails just so. Hence batches are pickled before they are put into the queue, and
where shared memory has no room they travel whole.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.reduction import ForkingPickler
from typing import Any

import cv2
import torch
import torch.multiprocessing as _  # noqa: F401  (teaches `ForkingPickler` shared memory)
from torch.utils.data import DataLoader, Dataset, get_worker_info

from polyclinic.errors import PolyclinicError, TrainingError
from polyclinic.tasks import Batch, Encoded, collate
from polyclinic.training.order import Order, Place


def pack(what: Any) -> bytes:
    """Bytes for `unpack` in the process that started this one; tensors go into shared memory.

    Raises:
        Exception: `what` can't be pickled.
    """
    try:
        return bytes(ForkingPickler.dumps(what))
    except (RuntimeError, OSError):  # no room, or no more open files
        return pickle.dumps(what, pickle.HIGHEST_PROTOCOL)


def unpack(content: bytes) -> Any:
    """What was packed; once only, since shared memory is handed over.

    Raises:
        OSError: the process that packed it is gone.
    """
    return pickle.loads(content)


LoadEncoded = Callable[[int, int], Encoded]
PATIENCE_S = 600.0
"""How long to wait for a batch before what prepares it is given up."""


@dataclass(frozen=True)
class Failure:
    """An error on its way from a worker: DataLoader itself would keep only its text."""

    error: PolyclinicError


def batches(
    load_encoded: LoadEncoded,
    order: Order,
    *,
    first: int,
    last: int | None,
    workers: int,
    name_of: Callable[[int], str],
) -> Generator[Batch, None, None]:
    """The batches of steps `first` to `last` - 1; the same for any number of workers.

    Args:
        load_encoded: from (row, random key) to a prepared sample. Where processes are not forked
            (macOS, Windows) it must be picklable.
        order: what comes when.
        first: step to begin with.
        last: step to end before; None goes on until it is closed.
        workers: processes; 0 prepares in this one.
        name_of: what to call a row in messages.

    Raises:
        PolyclinicError: what `load_encoded` raised.
        TrainingError: it raised something else, or a worker died, can't be started or stands still.
    """
    loader: DataLoader[Encoded | Failure] = DataLoader(
        _Samples(load_encoded, name_of),
        batch_sampler=_Steps(order, first, last),
        num_workers=workers,
        collate_fn=_join,
        worker_init_fn=_settle,
        timeout=PATIENCE_S if workers else 0,
    )
    try:
        with deaths_reported():
            stream = iter(loader)
        while (batch := _following(stream)) is not None:
            if isinstance(batch, Failure):
                raise batch.error
            yield batch
    finally:
        # Ends the workers now. Left to a traceback that still holds this frame, they would live
        # on, and processes forked meanwhile would try to end them too.
        del stream


def _following(stream: Iterator[Batch | Failure | bytes]) -> Batch | Failure | None:
    """The next batch, None after the last."""
    with deaths_reported():
        found = next(stream, None)
        return unpack(found) if isinstance(found, bytes) else found


@contextmanager
def deaths_reported() -> Iterator[None]:
    """Say of a loader process that died, can't be started or stands still what to do about it.

    torch tells of a death by an error that is raised wherever this process happens to be, so all
    that happens while there are such processes belongs into this block.

    Raises:
        TrainingError: instead of the errors of torch and of the system.
    """
    try:
        yield
    except (RuntimeError, OSError) as error:
        said = str(error).partition("\n")[0]
        if isinstance(error, RuntimeError) and "DataLoader" not in said:
            raise
        if "timed out" in said:
            what = f"no batch came from the loader processes for {PATIENCE_S:.0f} s"
            hint = "is the disk of the images reachable? Set train.workers to fewer, or to 0"
        else:
            what = f"a loader process died, or can't be reached ({said})"
            hint = "it may have run out of memory: set train.workers to fewer, or to 0"
        raise TrainingError(what, hint=f"{hint}; then go on with --resume") from None


class _Steps:
    """A batch sampler: hands out the places of each step."""

    def __init__(self, order: Order, first: int, last: int | None) -> None:
        self.order, self.first, self.last = order, first, last

    def __iter__(self) -> Iterator[list[Place]]:
        return self.order.from_step(self.first, self.last)


class _Samples(Dataset[Encoded | Failure]):
    def __init__(self, load_encoded: LoadEncoded, name_of: Callable[[int], str]) -> None:
        self.load_encoded, self.name_of = load_encoded, name_of

    def __getitem__(self, place: Place) -> Encoded | Failure:
        try:
            return self.load_encoded(place.row, place.key)
        except Exception as error:
            return Failure(_named(error, self.name_of(place.row)))


def _join(samples: Sequence[Encoded | Failure]) -> Batch | Failure | bytes:
    joined = _joined(samples)
    if get_worker_info() is None:
        return joined
    try:
        return pack(joined)
    except Exception as error:  # an error that can't travel
        return pack(Failure(TrainingError(f"can't be sent ({type(error).__name__}: {error})")))


def _joined(samples: Sequence[Encoded | Failure]) -> Batch | Failure:
    good: list[Encoded] = []
    for sample in samples:
        if isinstance(sample, Failure):
            return sample
        good.append(sample)
    try:
        return collate(good)
    except Exception as error:
        return Failure(_named(error, ", ".join(sample.name for sample in good)))


def _named(error: Exception, name: str) -> PolyclinicError:
    """The error with the name of the sample that raised it."""
    if not isinstance(error, PolyclinicError):
        return TrainingError(f"can't be prepared ({type(error).__name__}: {error})", where=name)
    if error.where is not None:
        return error
    return type(error)(error.what, expected=error.expected, where=name, hint=error.hint)


def _settle(worker: int) -> None:
    """One thread a worker: more would fight with the network for the cores."""
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
