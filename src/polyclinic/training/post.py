"""Hand batches from loader processes to the training, in shared memory or through the pipe.

A `multiprocessing.Queue` pickles in a thread of its own, and what fails there is printed and lost:
whoever waits at the other end waits for ever. Shared memory that is full (64 MiB is the usual limit
of containers) fails just so. Hence batches are pickled before they are put into the queue, and
where shared memory has no room they travel whole.
"""

from __future__ import annotations

import pickle
from multiprocessing.reduction import ForkingPickler
from typing import Any

import torch.multiprocessing as _  # noqa: F401  (teaches `ForkingPickler` shared memory)


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
