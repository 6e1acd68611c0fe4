"""What is done of a read, kept beside its outputs until they are whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout

from polyclinic.atomic import write_bytes, write_json
from polyclinic.errors import RunError
from polyclinic.runtime.engines import Chunk, ChunkRead
from polyclinic.runtime.engines.record import Record
from polyclinic.runtime.stream.fingerprint import Fingerprint
from polyclinic.sample import Sample

FOLDER = ".reading"
CHUNKS = "chunks"
_OVER = ".reading-over"
LOCK = ".reading.lock"
"""Beside the folder, which gets another name while others wait for the lock."""
_PATIENCE_S = 5.0


class Progress:
    """A folder with what is read (`job.json`) and one file for each chunk that is done.

    A chunk counts as done once its file is there, whole, and its pictures were written before.

    Args:
        folder: holds all of it.
        chunk: images of a chunk.
        images: how many there are.
    """

    def __init__(self, folder: Path, *, chunk: int, images: int) -> None:
        self.folder, self.chunk, self.images = folder, chunk, images

    @property
    def chunks(self) -> int:
        """How many there are."""
        return -(-self.images // self.chunk)

    @property
    def images_done(self) -> int:
        """How many images are read."""
        return sum(self._size(number) for number in _numbers(self.folder))

    def to_do(self, samples: Sequence[Sample]) -> Iterator[Chunk]:
        """The chunks that are not done, in order."""
        done = _numbers(self.folder)
        for number in range(self.chunks):
            if number not in done:
                first = number * self.chunk
                yield Chunk(number=number, samples=tuple(samples[first : first + self.chunk]))

    def keep(self, read: ChunkRead) -> None:
        """Store what came of a chunk."""
        write_bytes(read.record, self._file(read.number))

    def records(self) -> Iterator[Record]:
        """What came of each chunk, in order; all are done.

        Raises:
            RunError: a file is damaged.
        """
        for number in range(self.chunks):
            file = self._file(number)
            try:
                record = Record.unpacked(file.read_bytes())
            except ValueError as error:
                raise RunError(
                    f"can't be read ({error})",
                    where=str(file),
                    hint="delete this file and give the same command again",
                ) from None
            yield record

    @property
    def is_open(self) -> bool:
        """Whether the folder is still there."""
        return self.folder.exists()

    def over(self) -> None:
        """Remove the folder, which is of no use once the outputs are whole.

        It gets another name first, so that a kill meanwhile leaves no half of it behind.
        """
        gone = self.folder.with_name(_OVER)
        self.folder.rename(gone)
        shutil.rmtree(gone)

    def _size(self, number: int) -> int:
        return min(self.chunk, self.images - number * self.chunk)

    def _file(self, number: int) -> Path:
        return self.folder / CHUNKS / f"{number:07}.json"


def _numbers(folder: Path) -> set[int]:
    """The chunks that are done; what a kill left half written has another name."""
    stems = (file.stem for file in (folder / CHUNKS).glob("*.json"))
    return {int(stem) for stem in stems if stem.isdecimal()}


@contextmanager
def progress_in(
    out: Path, fingerprint: Fingerprint, *, chunk: int, fresh: bool = False
) -> Iterator[Progress]:
    """Take up a read in a folder of outputs, or begin it, and hold it while the block runs.

    Args:
        out: the folder of the outputs.
        fingerprint: of what is to be read.
        chunk: images of a chunk, if the read begins here.
        fresh: whether to forget what was done before.

    Raises:
        RunError: something else was being read into this folder, another process is doing so, or
            it is a file.
    """
    if out.exists() and not out.is_dir():
        raise RunError("is a file", expected="a folder for the outputs", where=str(out))
    folder = out / FOLDER
    with _held(out):
        shutil.rmtree(out / _OVER, ignore_errors=True)
        folder.mkdir(exist_ok=True)
        progress = _claimed(folder, fingerprint, chunk, fresh=fresh)
        try:
            yield progress
        finally:
            if progress.is_open and not progress.images_done:
                progress.over()


@contextmanager
def _held(out: Path) -> Iterator[None]:
    """Hold a folder of outputs, made where it is not there; it goes again when it stays empty.

    The lock's file goes while the lock is held: who waits for it sees that and makes a new one.
    """
    out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(out / LOCK)
    try:
        lock.acquire(timeout=_PATIENCE_S)
    except Timeout:
        raise RunError(
            "another process is reading into this folder",
            where=str(out),
            hint="wait until it has ended, or name another folder with --out",
        ) from None
    try:
        yield
    finally:
        with suppress(OSError):  # Windows keeps files that are open
            (out / LOCK).unlink()
        lock.release()
        with suppress(OSError):
            out.rmdir()


def begun_precision(out: Path) -> str | None:
    """How the reader of an unfinished read in a folder computed; None where there is none."""
    try:
        stored = json.loads((out / FOLDER / "job.json").read_text("utf-8"))
        return Fingerprint.from_json(stored["fingerprint"]).precision
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _claimed(folder: Path, fingerprint: Fingerprint, chunk: int, *, fresh: bool) -> Progress:
    file, images = folder / "job.json", fingerprint.images
    if fresh:
        file.unlink(missing_ok=True)
    if file.exists() and _numbers(folder):
        return Progress(folder, chunk=_same_chunk(file, fingerprint), images=images)
    shutil.rmtree(folder / CHUNKS, ignore_errors=True)
    write_json({"chunk": chunk, "fingerprint": asdict(fingerprint)}, file, indent=1)
    return Progress(folder, chunk=chunk, images=images)


def _same_chunk(file: Path, fingerprint: Fingerprint) -> int:
    """Images of a chunk in a read that was begun."""
    hint = "begin anew with --fresh, or name another folder with --out"
    try:
        stored = json.loads(file.read_text("utf-8"))
        begun, chunk = Fingerprint.from_json(stored["fingerprint"]), int(stored["chunk"])
    except (ValueError, KeyError, TypeError):
        raise RunError("can't be read", where=str(file), hint=hint) from None
    differences = fingerprint.differences(begun)
    if differences:
        raise RunError(
            f"holds a read that was begun otherwise: {'; '.join(differences)}",
            expected="the command that began it",
            where=str(file.parent.parent),
            hint=hint,
        )
    return chunk
