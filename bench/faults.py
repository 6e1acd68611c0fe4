"""Is anything lost, hung or silently wrong when the machine or the inputs fail?

Commands are killed, their disk is full, shared memory is small, folders can't be written to, and
their inputs are damaged. Each outcome that is neither right nor a clear error is stored with the
key that makes it again.

python -m bench.faults [--only kill|fill|starve|mutate] [--count 10000] [--seed 0]
    [--replay KEY] [docs/results/faults.json]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.faults_machine import fill, kill, starve
from bench.faults_mutate import mutate
from bench.machine import machine

from polyclinic.atomic import write_json

COUNTS = {"kill": 50, "fill": 20, "starve": 1, "mutate": 10_000}
"""How often each is done unless --count says otherwise; `fill` is by command."""


def main() -> None:
    asked = arguments()
    if asked.replay:
        print(json.dumps(mutate(1, asked.seed, 1, asked.replay), indent=1))
        return
    parts: dict[str, Callable[[int], dict[str, Any]]] = {
        "kill": lambda count: kill(count, asked.seed),
        "fill": lambda count: fill(count, asked.seed),
        "starve": lambda _: starve(),
        "mutate": lambda count: mutate(count, asked.seed, asked.children),
    }
    before = asked.result and asked.result.exists() and json.loads(asked.result.read_text("utf-8"))
    shown: dict[str, Any] = dict(before or {})
    for name in [asked.only] if asked.only else list(parts):
        result = parts[name](asked.count or COUNTS[name])
        shown[name] = {"machine": machine(), **result}
        print(json.dumps({name: result}, indent=1), flush=True)
        if asked.result:  # part by part, as each takes long
            write_json(asked.result, shown)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", nargs="?", type=Path)
    parser.add_argument("--only", choices=sorted(COUNTS))
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--children", type=int, default=2)
    parser.add_argument("--replay", metavar="KEY")
    return parser.parse_args()


if __name__ == "__main__":
    main()
