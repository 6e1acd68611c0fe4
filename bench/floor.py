"""How fast a network could be read here at best: its operations over the machine's rates.

python -m bench.floor docs/results/floor.json

Rates are those of large matrix products in float32 and bfloat16 and of a large copy, measured on
all threads; operations are counted by torch, for one image of the size at which the preset looks
at images of 1024 x 768 (nailfold) or at a window (knee). Networks are untrained. Regions are
counted for 1000 proposals and for 20 found instances.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from bench.machine import machine
from torch.utils.flop_counter import FlopCounterMode

from polyclinic.atomic import write_text
from polyclinic.data.facts import gather_facts
from polyclinic.recipes.assemble import assemble
from polyclinic.runtime.export.graphs import RegionGraph, WholeGraph, example_regions
from polyclinic.runtime.export.write import size_at
from polyclinic.schema.nailfold import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS
from polyclinic.systems.nailfold.phantoms import make_image
from polyclinic.systems.nailfold.recipe import Nailfold

SIDE, ROUNDS = 4096, 5
COPIED = 1 << 28
REGIONS = {"instances": 1000, "masks": 20, "landmarks": 20}


def main() -> None:
    rates = {
        "fp32_gflops": matmul_rate(torch.float32),
        "bf16_gflops": matmul_rate(torch.bfloat16),
        "copy_gb_s": copy_rate(),
    }
    result: dict[str, Any] = {"rates": rates, "networks": {}, "machine": machine()}
    for preset in ("small", "paper"):
        parts = operations(preset)
        whole = sum(parts.values())
        result["networks"][f"nailfold {preset}"] = {
            "gflop": {name: round(value, 2) for name, value in parts.items()},
            "gflop_in_all": round(whole, 1),
            "floor_s_fp32": round(whole / rates["fp32_gflops"], 3),
            "floor_s_bf16": round(whole / rates["bf16_gflops"], 3),
        }
    text = json.dumps(result, indent=1)
    print(text)
    if len(sys.argv) > 1:
        write_text(text + "\n", Path(sys.argv[1]))


def operations(preset: str) -> Mapping[str, float]:
    """Billions of floating-point operations of one reading, by part."""
    recipe = Nailfold()
    config = recipe.resolve({"preset": preset})
    sample = make_image(0, "active")
    facts = gather_facts([sample], NAILFOLD_CLASSES, NAILFOLD_LANDMARKS)
    network = assemble(recipe, config, facts).network.eval()
    size = size_at(config.data.frame, sample.size)
    image = torch.zeros((*size, 3), dtype=torch.uint8)
    parts = {"encoder, pyramid, proposals": counted(lambda: WholeGraph(network)(image))}
    levels, boxes = example_regions(network, size)
    for task in network.task_list:
        graph = RegionGraph(task)
        maps = [levels[level] for level in graph.levels]
        number = min(REGIONS[task.name], config.instances.proposals.after_nms[1])
        many = boxes[:1].expand(number, 4)
        parts[f"{task.name}, {number} regions"] = counted(lambda g=graph, m=maps, b=many: g(m, b))
    return parts


def counted(work: Callable[[], Any]) -> float:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        work()
    return counter.get_total_flops() / 1e9


def matmul_rate(kind: torch.dtype) -> float:
    a, b = (torch.randn(SIDE, SIDE).to(kind) for _ in range(2))
    return round(2 * SIDE**3 / best(lambda: a @ b) / 1e9, 1)


def copy_rate() -> float:
    """Bytes read and written, in GB a second."""
    source = torch.zeros(COPIED, dtype=torch.uint8)
    target = torch.empty_like(source)
    return round(2 * COPIED / best(lambda: target.copy_(source)) / 1e9, 1)


def best(work: Callable[[], Any]) -> float:
    """Seconds of the fastest of a few rounds."""
    work()
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


if __name__ == "__main__":
    main()
