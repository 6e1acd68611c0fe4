"""A reader of the `paper` network of the nailfold recipe, trained for a while on a CPU.

python -m bench.paper_reader --out runs/paper --minutes 30

The network is that of the paper; its training is not: it sees fields of 384 x 288 pixels, at the
scale of whole images of 1024 x 768, with fewer regions a step, and for minutes instead of days.
It is good enough to ask whether a faster way of reading changes what is read. The settings that
the run states for reading are those of the preset.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

from polyclinic.atomic import write_text
from polyclinic.fitting.fit import fit
from polyclinic.systems.nailfold.phantoms import NailfoldPhantomConfig, make_cohort

FIELD = (288, 384)
PATIENTS, IMAGES = 120, 4
TRAINING: dict[str, Any] = {
    "preset": "paper",
    "data": {
        "frame": {"longest": max(FIELD), "shortest": None},
        "augment": {"mirror": 0.5, "scale": (0.9, 1.1)},
    },
    "instances": {"head": {"sampled": 64}, "proposals": {"after_nms": (500, 1000)}},
    "train": {
        "steps": 100_000,
        "batch_size": 2,
        "lr": 3e-4,
        "warmup_steps": 50,
        "schedule": "cosine",
        "evaluate_every": 100_000,
        "checkpoint_every": 100,
        "channels_last": True,
    },
}
FOR_READING = {
    "data": {"frame": {"longest": 1024, "shortest": 1024}},
    "instances": {"proposals": {"after_nms": (1500, 1000)}},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--minutes", type=float, default=30.0, help="of training")
    parser.add_argument("--resume", action="store_true")
    asked = parser.parse_args()
    data = asked.out.parent / f"{asked.out.name}-fields"
    if not data.exists():
        config = NailfoldPhantomConfig(size=FIELD, artefacts=0.1)
        make_cohort(data, patients=PATIENTS, images_per_patient=IMAGES, seed=11, config=config)
    settings = TRAINING | {"train": TRAINING["train"] | {"max_minutes": asked.minutes}}
    file = next(data.glob("*.json"))
    fit("nailfold", file, asked.out, settings, resume=asked.resume, console=Console())
    read_as_published(asked.out)


def read_as_published(run: Path) -> None:
    """Have the run state the preset's frame and proposals, with which it is to be read."""
    path = run / "config.yaml"
    values = yaml.safe_load(path.read_text("utf-8"))
    values["data"]["frame"] = FOR_READING["data"]["frame"]
    values["instances"]["proposals"] |= FOR_READING["instances"]["proposals"]
    write_text(yaml.safe_dump(values, sort_keys=False), path)


if __name__ == "__main__":
    main()
