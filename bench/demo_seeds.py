"""How far the figures of a demonstration spread over seeds.

python -m bench.demo_seeds [docs/results/nailfold_seeds.json] --recipe nailfold --seeds 0 1 2 3 4

Each seed draws phantom patients of its own and trains from another start, as `polyclinic demo`
does, in a process of its own. What a seed gave is stored as soon as it is there, and another call
goes on with the seeds that are missing; an outcome under other `--set` is not taken for one.
The result is written when all seeds are done; without a name for it, it is printed.
"""

from __future__ import annotations

import argparse
import json
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.machine import machine

from polyclinic.atomic import write_json
from polyclinic.recipes.find import find_recipe
from polyclinic.runs.stages_file import StagesFile
from polyclinic.training.run_directory import RunDirectory

HOME = Path("runs/demo_seeds")


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A demonstration, to be run with several seeds.

    Args:
        recipe: that has phantoms.
        home: where runs and outcomes are kept.
        settings: as `polyclinic demo --set` takes them.
    """

    recipe: str
    home: Path
    settings: tuple[str, ...] = ()

    def outcome(self, seed: int) -> dict[str, Any]:
        """What a seed gave: stored by an earlier call, else after a demonstration."""
        file = self.home / f"{self.recipe}-seed{seed}.json"
        if file.exists():
            stored: dict[str, Any] = json.loads(file.read_text("utf-8"))
            if stored["settings"] == list(self.settings):
                return stored
        run = self.home / f"{self.recipe}-seed{seed}"
        started = time.perf_counter()
        subprocess.run(self._command(run, seed), check=True)
        minutes = (time.perf_counter() - started) / 60
        found = self.read(run) | {"seed": seed, "minutes": round(minutes, 2)}
        write_json(found | {"settings": list(self.settings), "machine": machine()}, file)
        return self.outcome(seed)

    def read(self, run: Path) -> dict[str, Any]:
        """Main figures and steps of a finished demonstration."""
        metrics = json.loads((run / "metrics.json").read_text("utf-8"))["metrics"]
        recipe = find_recipe(self.recipe)
        config = recipe.settings.parse(RunDirectory.existing(run).config())
        wanted = recipe.main_figures(config)
        values = {one["name"]: one["value"] for one in metrics if one["name"] in wanted}
        return {"steps": steps_of(run), "figures": {name: values.get(name) for name in wanted}}

    def _command(self, run: Path, seed: int) -> list[str]:
        settings = [part for one in self.settings for part in ("--set", one)]
        start = [sys.executable, "-m", "polyclinic", "demo", self.recipe]
        return [*start, "--out", str(run), "--seed", str(seed), *settings]


def steps_of(run: Path) -> dict[str, int]:
    """Steps that were trained, by network."""
    if (run / StagesFile.NAME).is_file():
        stages = StagesFile.of_run(run).stages
        return {one.name: one.result.steps for one in stages if one.result is not None}
    log = RunDirectory.existing(run).read_log()
    return {"network": max(record["step"] for record in log)}


def summary(outcomes: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Mean, standard deviation, least and greatest of each figure over the seeds that have it.

    The deviation is that of a sample; None of a single seed.
    """
    spread = {}
    for name in outcomes[0]["figures"]:
        values = [one["figures"][name] for one in outcomes if one["figures"][name] is not None]
        if not values:
            continue
        spread[name] = {
            "seeds": len(values),
            "mean": round(statistics.fmean(values), 4),
            "deviation": round(statistics.stdev(values), 4) if len(values) > 1 else None,
            "least": round(min(values), 4),
            "greatest": round(max(values), 4),
        }
    return spread


def main() -> None:
    """Run what is missing, then store or print all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", nargs="?", type=Path)
    parser.add_argument("--recipe", default="nailfold")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--home", type=Path, default=HOME)
    parser.add_argument("--set", dest="settings", action="append", default=[])
    asked = parser.parse_args()
    asked.home.mkdir(parents=True, exist_ok=True)
    bench = Bench(recipe=asked.recipe, home=asked.home, settings=tuple(asked.settings))
    outcomes = [bench.outcome(seed) for seed in asked.seeds]
    options = ["--recipe", asked.recipe, "--seeds", *map(str, asked.seeds)]
    options += [part for one in asked.settings for part in ("--set", one)]
    document = {
        "command": shlex.join(["python", "-m", "bench.demo_seeds", *options]),
        "recipe": asked.recipe,
        "figures": summary(outcomes),
        "seeds": outcomes,
    }
    if asked.result is None:
        print(json.dumps(document, indent=2))
    else:
        write_json(document, asked.result)


if __name__ == "__main__":
    main()
