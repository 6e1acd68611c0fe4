"""Is a read that was killed ten times at random the same as one that was not?

The command, which reads in a process a core, is killed with SIGKILL at random moments and given
again until it ends; all outputs are compared byte by byte with those of a read that nobody
disturbed.

python bench/read_killed.py [--images 600] [docs/results/read_killed.json]
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from machine import machine
from polyclinic.runtime.stream.progress import FOLDER
from read_cohort import linked, small_reader

KILLS = 10


def main() -> None:
    asked = arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run, images = small_reader(folder, patients=25, steps=asked.steps)
        many = linked(images, asked.images, folder / "many")
        started = time.perf_counter()
        finish(command(run, many, folder / "whole"))
        seconds = time.perf_counter() - started
        result = killed(command(run, many, folder / "killed"), folder / "killed", seconds, asked)
        first, second = files_of(folder / "whole"), files_of(folder / "killed")
        bad = sorted(
            name for name in first.keys() | second.keys() if first.get(name) != second.get(name)
        )
    shown = {
        "images": asked.images,
        "machine": machine(),
        "undisturbed_s": round(seconds, 1),
        **result,
        "files": len(first),
        "files_that_differ": bad,
        "identical": not bad,
    }
    text = json.dumps(shown, indent=1)
    print(text)
    if asked.result:
        asked.result.write_text(text + "\n", encoding="utf-8")


def command(run: Path, images: Path, out: Path) -> list[str]:
    options = ["--out", out]
    return [sys.executable, "-m", "polyclinic", "read", *map(str, (run, images, *options))]


def killed(read: list[str], out: Path, seconds: float, asked: argparse.Namespace) -> dict[str, Any]:
    """Kill and begin again, each time within what is left of it on average, then let it end."""
    chance, kills, early = random.Random(asked.seed), [], 0
    while len(kills) < KILLS and early < KILLS:
        process = subprocess.Popen(read, stdout=subprocess.DEVNULL)
        wait = chance.uniform(0, 2.5 * seconds / KILLS)
        try:
            process.wait(wait)
            early += 1  # it was faster than the killer; begin again from nothing
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills.append({"after_s": round(wait, 2), "chunks_done": chunks(out)})
    finish(read)
    return {"kills": kills, "ended_before_its_kill": early}


def finish(read: list[str]) -> None:
    subprocess.run(read, stdout=subprocess.DEVNULL, check=True)


def chunks(out: Path) -> int:
    return len(list((out / FOLDER / "chunks").glob("*.json")))


def files_of(folder: Path) -> dict[str, bytes]:
    """All of a folder, hidden files too."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", nargs="?", type=Path)
    parser.add_argument("--images", type=int, default=600)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
