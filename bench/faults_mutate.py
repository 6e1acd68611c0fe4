"""Damaged inputs through the command line, inside child processes that live on."""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import random
import resource
import shutil
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from bench.faults_damage import damage, told_by
from bench.faults_inputs import Kind, make_inputs

LIMIT_S = 60
"""Seconds after which a command hangs; the largest of them takes some seconds undisturbed."""
MEMORY = 16 << 30
"""Bytes of addresses that a child may ask for; an allocation beyond them is a fault."""
CODES = {0, 1, 2, 3, 4, 5, 6}
TEXT = {".json", ".csv", ".yaml"}


def mutate(count: int, seed: int, children: int, only: str | None = None) -> dict[str, Any]:
    """Run so many cases, or the one with the key ONLY, and say which failed.

    A key is `SEED:NUMBER`; the kind of input and its damage follow from it.
    """
    keys = [only] if only else [f"{seed}:{number}" for number in range(count)]
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        kinds = make_inputs(home)
        (home / "kinds.json").write_text(json.dumps([vars(kind) for kind in kinds]))
        outcomes = _all(home, keys, children)
    failures = [one for one in outcomes if one["fault"]]
    codes = Counter(f"{one['kind']} {one['verb']} rc {one['code']}" for one in outcomes)
    return {
        "inputs": len(keys),
        "seed": seed,
        "commands": len(outcomes),
        "outcomes": dict(sorted(codes.items())),
        "faults": dict(Counter(one["fault"] for one in failures)),
        "failures": failures,
    }


def _all(home: Path, keys: list[str], children: int) -> list[dict[str, Any]]:
    idle: SimpleQueue[_Child] = SimpleQueue()
    workers = [_Child(home) for _ in range(children)]
    for worker in workers:
        idle.put(worker)

    def one(key: str) -> list[dict[str, Any]]:
        worker = idle.get()
        try:
            outcomes = worker.ask(key)
            for outcome in outcomes:
                if outcome["fault"]:
                    print(json.dumps(outcome), flush=True)
            return outcomes
        finally:
            idle.put(worker)

    with ThreadPoolExecutor(children) as threads:
        found = [outcome for outcomes in threads.map(one, keys) for outcome in outcomes]
    for worker in workers:
        worker.end()
    return found


class _Child:
    """A process that runs cases; replaced when it hangs or dies."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.start()

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, self.home), daemon=True)
        self.process.start()
        theirs.close()

    def ask(self, key: str) -> list[dict[str, Any]]:
        self.pipe.send(key)
        began = time.monotonic()
        try:
            if self.pipe.poll(4 * LIMIT_S):
                found: list[dict[str, Any]] = self.pipe.recv()
                return found
            fault = "hang"
        except EOFError:
            fault = "crash"
        self.end()
        self.start()
        took = round(time.monotonic() - began)
        said = f"after {took} s"
        return [{"key": key, "kind": "?", "verb": "?", "code": None, "fault": fault, "said": said}]

    def end(self) -> None:
        self.process.kill()
        self.process.join()


def _serve(pipe: Connection, home: Path) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    stored = json.loads((home / "kinds.json").read_text())
    kinds = [Kind(one["name"], one["file"], tuple(map(tuple, one["verbs"]))) for one in stored]
    while True:
        pipe.send(list(_case(home, kinds, pipe.recv())))


def _case(home: Path, kinds: list[Kind], key: str) -> Iterable[dict[str, Any]]:
    chance = random.Random(key)
    kind = kinds[int(key.split(":")[1]) % len(kinds)]
    with tempfile.TemporaryDirectory(dir=home) as name:
        folder = Path(name) / kind.name
        shutil.copytree(home / kind.name, folder)
        file = folder / kind.file
        way, data = damage(file.read_bytes(), chance, text=file.suffix in TEXT)
        file.write_bytes(data)
        for number, verb in enumerate(kind.verbs):
            out = Path(name) / f"out{number}"
            where = {"FOLDER/..": home, "FOLDER": folder, "OUT": out, "READER": home / "reader"}
            began = time.monotonic()
            code, said = _run([_filled(word, where) for word in verb])
            took = time.monotonic() - began
            fault = _fault(code, said, took, told_by(file))
            yield {
                "key": key,
                **{"kind": kind.name, "damage": way, "verb": verb[0], "code": code},
                **{"fault": fault, "said": said[-600:].replace(name, "") if fault else ""},
            }


def _filled(word: str, where: dict[str, Path]) -> str:
    for name, path in where.items():
        if word == name or word.startswith(f"{name}/"):
            return f"{path}{word[len(name) :]}"
    return word


def _fault(code: int | None, said: str, took: float, told: str | None) -> str | None:
    if code not in CODES or "Traceback" in said:
        return "traceback"
    if took > LIMIT_S:
        return "hang"
    return f"silent: {told}" if code == 0 and told else None


def _run(arguments: list[str]) -> tuple[int | None, str]:
    """Exit code and everything said; None where an error left the command line."""
    from polyclinic.cli.app import main

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                main(arguments)
        except SystemExit as left:
            return (left.code if isinstance(left.code, int) else 1), said.getvalue()
        except BaseException:
            return None, said.getvalue() + traceback.format_exc()
    return 0, said.getvalue()
