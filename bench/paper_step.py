"""One training step and one reading of the paper preset on a 1024 x 768 phantom.

python bench/paper_step.py [docs/results/paper_step.json]
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import torch

from polyclinic.data import Facts
from polyclinic.data.facts import gather_facts
from polyclinic.fitting.describe import UNDECIDED
from polyclinic.recipes.assemble import assemble
from polyclinic.runs.load import make_reader
from polyclinic.schema.nailfold import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS
from polyclinic.systems.nailfold.phantoms import make_image
from polyclinic.systems.nailfold.recipe import Nailfold
from polyclinic.tasks import Network, collate
from polyclinic.tasks.prepare import prepare_training
from polyclinic.training.config import fabric_precision


def main() -> None:
    recipe = Nailfold()
    # Scale 1 instead of 0.1 to 2, so that the step is made on the whole image.
    config = recipe.resolve({"preset": "paper", "data": {"augment": {"scale": (1.0, 1.0)}}})
    sample = make_image(0, "active")
    facts = gather_facts([sample], NAILFOLD_CLASSES, NAILFOLD_LANDMARKS)
    network = assemble(recipe, config, facts).network
    result = {
        "image": f"{sample.size[1]} x {sample.size[0]}",
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        **parameters(network),
        **maps(network),
        **training_step(network, config, sample),
        **reading(recipe, config, facts, network, sample),
        "peak_memory_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
    }
    text = json.dumps(result, indent=1)
    print(text)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")


def parameters(network: Network) -> dict[str, float]:
    count = {name: sum(p.numel() for p in part.parameters()) for name, part in parts(network)}
    total = sum(p.numel() for p in network.parameters())
    return {
        "parameters_m": round(total / 1e6, 2),
        "without_landmark_head_m": round((total - count["landmarks"]) / 1e6, 2),
    }


def parts(network: Network) -> list[tuple[str, torch.nn.Module]]:
    return list(network.tasks.items())


def maps(network: Network) -> dict[str, Any]:
    with torch.no_grad():
        found = network.eval().encoder(torch.zeros(1, 3, 768, 1024))
        pyramid = network.pyramid(found)
    return {
        "encoder_maps": [[m.shape[3], m.shape[2], m.shape[1]] for m in found],
        "pyramid": {name: [m.shape[3], m.shape[2], m.shape[1]] for name, m in pyramid.items()},
    }


def training_step(network: Network, config: Any, sample: Any) -> dict[str, Any]:
    balance = config.balance.build(network.loss_names)
    optimiser = torch.optim.AdamW([*network.parameters(), *balance.parameters()], lr=1.6e-4)
    encoded = prepare_training(
        sample,
        1,
        tasks=network.task_list,
        frame=config.data.frame,
        augment=config.data.augment,
        schema=NAILFOLD_LANDMARKS,
    )
    half = fabric_precision("auto", "cpu") == "bf16-mixed"
    network.train()
    started = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        losses = network(collate([encoded]))
    means = {name: loss.total / loss.count for name, loss in losses.items()}
    torch.stack(list(balance(means).values())).sum().backward()
    optimiser.step()
    return {
        "step_s": round(time.perf_counter() - started, 2),
        "step_precision": "bf16" if half else "fp32",
        "losses": {name: round(mean.item(), 4) for name, mean in means.items()},
    }


def reading(
    recipe: Nailfold, config: Any, facts: Facts, network: Network, sample: Any
) -> dict[str, Any]:
    description = {"provenance": {}, "accept": UNDECIDED}
    reader = make_reader(recipe, config, facts, network, description).with_candidates()
    started = time.perf_counter()
    found = reader.read(sample)
    return {
        "read_s": round(time.perf_counter() - started, 2),
        "candidates": len(found.instances or ()),
    }


if __name__ == "__main__":
    main()
