"""Damaged inputs through the command line: does each end in a clear message, or well?

Images, DICOM files, annotations, settings, weights and exported files are damaged at random and
given to `check`, `fit` and `read`. Counted are tracebacks, hangs, processes that died, and damage
that a checksum could have told but that changed what was read without a word. Each fault is stored
with its number, by which `--replay` shows it again.

python -m bench.faults [--count 10000] [--seed 0] [--replay NUMBER] [docs/results/faults.json]
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.faults_inputs import Subject, subjects
from bench.faults_mutations import damage
from bench.faults_worker import Ended, Worker
from bench.machine import machine

LIMIT_S = 120
FITS = 20
"""One in so many damaged data sets is trained on, too; all are checked."""
PNG = b"\x89PNG\r\n\x1a\n"


def main() -> None:
    asked = arguments()
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        found = subjects(base / "base")
        bench = Bench(found, base, asked.seed)
        numbers = [asked.replay] if asked.replay is not None else range(asked.count)
        started = time.monotonic()
        for number in numbers:
            told = bench.one(number)
            if asked.replay is not None:
                print(json.dumps(told, indent=1))
            elif told["fault"]:
                print(json.dumps(told), flush=True)
        bench.worker.close()
        result = bench.result() | {
            "seed": asked.seed,
            "minutes": round((time.monotonic() - started) / 60, 1),
            "machine": machine(),
        }
    text = json.dumps(result, indent=1)
    print(text)
    if asked.result:
        asked.result.write_text(text + "\n", encoding="utf-8")


class Bench:
    """Damages inputs one after the other and counts how commands end."""

    def __init__(self, subjects: list[Subject], base: Path, seed: int) -> None:
        self.worker = Worker(LIMIT_S)
        self._subjects, self._base, self._seed = subjects, base, seed
        self._ends: Counter[tuple[str, str]] = Counter()
        self._faults: list[dict[str, Any]] = []
        self._undamaged: dict[str, str] = {}

    def one(self, number: int) -> dict[str, Any]:
        """Damage one input and run one command on it."""
        rng = random.Random(f"{self._seed} {number}")
        subject = rng.choice(self._subjects)
        command = subject.commands[0]
        if len(subject.commands) > 1 and rng.randrange(FITS) == 0:
            command = subject.commands[1]
        content = (subject.folder / subject.file).read_bytes()
        damaged = damage(content, subject.kind, rng)
        ended, readings = self._run(subject, command, damaged)
        fault = ended.fault
        if fault is None and ended.code == 0 and damaged != content:
            fault = self._silent(subject, command, damaged, readings)
        told = {
            **{"number": number, "subject": subject.name, "command": command[0]},
            **{"code": ended.code, "fault": fault, "said": ended.said[-600:]},
        }
        self._ends[command[0], fault or f"code {ended.code}"] += 1
        if fault:
            self._faults.append(told)
        return told

    def result(self) -> dict[str, Any]:
        """Counts of ends by command, and the faults."""
        by_command: dict[str, dict[str, int]] = {}
        for (command, end), count in sorted(self._ends.items()):
            by_command.setdefault(command, {})[end] = count
        return {
            "damaged_inputs": self._ends.total(),
            "kinds": sorted(one.name for one in self._subjects),
            "limit_s": LIMIT_S,
            "ends": by_command,
            "faults": self._faults,
        }

    def _run(self, subject: Subject, command: tuple[str, ...], content: bytes) -> tuple[Ended, str]:
        """How a command ended on a copy with this content, and what it read."""
        copy, out = self._base / "copy", self._base / "out"
        for folder in (copy, out):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(subject.folder, copy)
        (copy / subject.file).write_bytes(content)
        given = [one.replace("{out}", str(out)).replace("{}", str(copy)) for one in command]
        return self.worker.run(given), _readings(out)

    def _silent(
        self, subject: Subject, command: tuple[str, ...], damaged: bytes, readings: str
    ) -> str | None:
        """Whether damage that a checksum tells changed what was read, without a word."""
        told = not _sums_hold(damaged) if damaged.startswith(PNG) else subject.sealed
        if not told or command[0] != "read":
            return None
        if subject.name not in self._undamaged:
            whole = (subject.folder / subject.file).read_bytes()
            self._undamaged[subject.name] = self._run(subject, command, whole)[1]
        return None if readings == self._undamaged[subject.name] else "silent"


def _readings(out: Path) -> str:
    """What was read, without where it came from and when."""
    table = out / "measurements.csv"
    return table.read_text(encoding="utf-8") if table.is_file() else ""


def _sums_hold(content: bytes) -> bool:
    """Whether the checksums of all chunks of a PNG file hold, up to its end."""
    return all(zlib.crc32(kind + data) == total for kind, data, total in _chunks(content))


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """(kind, data, checksum) of the critical chunks of a PNG file."""
    at = len(PNG)
    while at < len(content):
        length = int.from_bytes(content[at : at + 4])
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        if kind[:1].isupper():
            yield kind, data, int.from_bytes(content[at + 8 + length : at + 12 + length])
        if kind == b"IEND":
            return
        at += 12 + length
    yield b"", b"x", 0  # the end is missing


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--replay", type=int)
    parser.add_argument("result", type=Path, nargs="?")
    return parser.parse_args()


if __name__ == "__main__":
    main()
