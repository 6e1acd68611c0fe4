"""A process that keeps a reader and reads one chunk after the other."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2

from polyclinic.errors import RunError
from polyclinic.runtime.engines.attempts import Attempt, make_attempt
from polyclinic.runtime.engines.engine import ChunkRead, ReaderSource


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a worker works.

    Args:
        folder: the working folder of the command; relative names mean the same there.
        threads: of the network, so many CPUs does a worker have.
    """

    folder: Path
    threads: int

    def enter(self) -> None:
        """Make this process work there.

        OpenCV has one thread, as it has in `LocalEngine`: more would move last digits.

        Raises:
            RunError: this machine does not see the folder.
        """
        try:
            os.chdir(self.folder)
        except OSError:
            raise RunError(
                f"the machine {socket.gethostname()} does not see this folder",
                expected="a file system that all machines of the cluster share",
                where=str(self.folder),
            ) from None
        os.environ["OMP_NUM_THREADS"] = str(self.threads)  # for what is imported from now on
        if (torch := sys.modules.get("torch")) is not None:
            torch.set_num_threads(self.threads)
        cv2.setNumThreads(1)


class Worker:
    """Opens the reader once, in a process of its own, which may be a Ray actor.

    Args:
        source: how to get the reader.
        place: where to work.
    """

    def __init__(self, source: ReaderSource, place: Place) -> None:
        self._source, self._place = source, place

    def prepare(self) -> str:
        """Open the reader; says which machine and process this is.

        Raises:
            PolyclinicError: this machine does not see the files, or they can't be used.
        """
        self._place.enter()
        self._source.load()
        return f"{socket.gethostname()}, process {os.getpid()}"

    def read(self, attempt: Attempt) -> ChunkRead:
        """Read a chunk."""
        return make_attempt(self._source.load(), attempt)
