"""How many loader processes a machine has room for."""

from __future__ import annotations

import pickle

from polyclinic.tasks import collate
from polyclinic.training.loader import LoadEncoded
from polyclinic.training.order import Order
from polyclinic.training.room import Room

MOST_WORKERS = 8
AHEAD = 2
"""Batches that a worker keeps ready, as of `DataLoader.prefetch_factor`."""
OWN_MEMORY = 512 << 20
"""Bytes of memory that a worker takes besides its batches: decoders, films, what it copies."""
UNEVEN = 1.5
"""How much larger than the first batch a batch may be."""


def fitting_workers(accelerator: str, devices: int, room: Room, batch_bytes: int) -> int:
    """How many loader processes suit this machine.

    A processor that also runs the network gains from one process that prepares ahead; a GPU must
    be kept fed by most of the cores. Either way there are no more than shared memory and memory
    hold the batches of.

    Args:
        accelerator: type of the device, such as `cpu`.
        devices: how many train together here.
        room: what the machine has left.
        batch_bytes: of the tensors of one batch of one device.
    """
    if accelerator == "cpu":
        wanted = min(1, room.cores - 1)
    else:
        wanted = min(MOST_WORKERS, room.cores // devices - 1)
    # Besides those that are kept ready there is the one that is trained on, and one in the making.
    batch = max(1.0, UNEVEN * batch_bytes)
    by_shared = (room.shared / devices - batch) / ((AHEAD + 1) * batch)
    by_memory = room.memory / devices / ((AHEAD + 1) * batch + OWN_MEMORY)
    return max(0, int(min(wanted, by_shared, by_memory)))


def batch_bytes(load_encoded: LoadEncoded, order: Order, step: int) -> int:
    """Bytes of a batch, judged by its first sample; 0 where this one can't be loaded.

    What is wrong with a sample is told when its turn comes.
    """
    places = order.batch(step)
    try:
        sample = load_encoded(places[0].row, places[0].key)
        return len(places) * len(pickle.dumps(collate([sample]), pickle.HIGHEST_PROTOCOL))
    except Exception:
        return 0
