"""Make the stored runs of today's format: `python -m tests.runs.make_stored_runs`.

Each is an archive of a tiny training on phantoms with the state after its first step, so that it
can be gone on with, its images, and what its reader says of one. Weights are rounded so that they
compress. Archives of earlier formats stay as they are: they show that migrations work.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from polyclinic.fitting.fit import fit
from polyclinic.run_format import newest
from polyclinic.runs.load import load_network
from polyclinic.runs.opening import load
from polyclinic.systems.kidney.phantoms import make_cohort as kidney_cohort
from polyclinic.systems.nailfold.phantoms import NailfoldPhantomConfig
from polyclinic.systems.nailfold.phantoms import make_cohort as nailfold_cohort
from polyclinic.training.run_directory import RunDirectory
from polyclinic.training.tensor_file import read_tensors, write_tensors
from tests.systems.knee import knee_films

STORED = Path(__file__).parent / "stored"
DATA = {"nailfold": "annotations.coco.json", "knee": "films.json", "kidney": "table.csv"}
"""Recipes, and the file of each cohort."""
PYRAMID: dict[str, Any] = {
    "data": {"frame": {"longest": 64}, "split": (0.5, 0.25, 0.25)},
    "model": {"encoder": "test_efficientnet", "pyramid_channels": 8},
    "train": knee_films.STAGE["train"],
}
SETTINGS: dict[str, dict[str, Any]] = {
    "nailfold": PYRAMID | {"instances": {"head": {"hidden": 8}}, "landmarks": {"widths": (8,)}},
    "knee": knee_films.TINY,
    "kidney": PYRAMID,
}
LEFT_OUT = ("fingerprints.json", "model.json", "state.json", ".lock", "log.jsonl")


def write_data(recipe: str, folder: Path) -> Path:
    """A phantom cohort of a few small images; its annotations."""
    folder.mkdir()
    if recipe == "nailfold":
        config = NailfoldPhantomConfig(size=(96, 128), um_per_px=9.5)
        return nailfold_cohort(folder, patients=4, images_per_patient=1, seed=3, config=config)
    if recipe == "kidney":
        return kidney_cohort(folder, patients=16, images_per_patient=1, seed=0, side=48)
    return knee_films.as_coco(folder)


def an_image(data: Path) -> Path:
    """The first of the images beside annotations."""
    return min(one for one in data.parent.rglob("*") if one.suffix in {".png", ".jpg", ".tif"})


def said(run: Path, data: Path) -> dict[str, Any]:
    """Numbers of what its reader says of an image, and of what its networks see in a pattern.

    Weights that were trained for two steps tell no object from another, and which of many equal
    ones is kept may depend on the processor; so of objects only the best score counts.
    """
    reader = load(run)
    reader.accept = 0.0
    reading = reader.read(an_image(data))
    return {
        "findings": {name: dict(values) for name, values in reading.findings.items()},
        "quality": dict(reading.quality),
        "best": max((one.score or 0.0 for one in reading.instances or ()), default=0.0),
        "maps": {one.name: seen(one) for one in network_folders(run)},
    }


def network_folders(run: Path) -> list[Path]:
    """The folders of its networks."""
    return sorted(file.parent for file in run.rglob("model.safetensors"))


@torch.no_grad()
def seen(folder: Path) -> list[float]:
    """Mean and spread of each map and of each value of the state of a network."""
    network = load_network(folder).network.eval()
    pattern = torch.linspace(0, 20, 3 * 64 * 96).sin().reshape(1, 3, 64, 96).abs()
    tensors = [*network.encoder(pattern), *network.state_dict().values()]
    return [
        number
        for one in tensors
        for number in (one.double().mean().item(), one.double().std(correction=0).item())
    ]


def train(recipe: str, data: Path, run: Path, *, resume: bool = False) -> None:
    """As the stored runs were trained; the last fitted network keeps its first state."""
    fit(recipe, data, run, SETTINGS[recipe], resume=resume)


def make(recipe: str, work: Path) -> Path:
    """Train, round, read, and pack."""
    data = write_data(recipe, work / "data")
    save = RunDirectory.save_state

    def save_first(
        self: RunDirectory, tensors: Mapping[str, Tensor], said: Mapping[str, Any]
    ) -> None:
        if not (self.path / "state.safetensors").exists():
            save(self, tensors, said)

    RunDirectory.save_state = save_first  # type: ignore[method-assign,assignment]
    try:
        train(recipe, data, work / "run")
    finally:
        RunDirectory.save_state = save  # type: ignore[method-assign]
    for file in (work / "run").rglob("*.safetensors"):
        round_tensors(file)
    _unfinish(work / "run" / "stages.json")
    for file in (work / "run").rglob("*"):
        if file.name in LEFT_OUT:
            file.unlink()
    text = json.dumps(said(work / "run", data), indent=1)
    (work / "said.json").write_text(text)
    STORED.mkdir(exist_ok=True)
    return Path(shutil.make_archive(str(STORED / f"{recipe}-{newest()}"), "xztar", work))


def round_tensors(file: Path) -> None:
    """Make the numbers of a file few, so that it compresses."""
    tensors, description = read_tensors(file)
    few = {
        name: (one * 32).round() / 32 if one.is_floating_point() else one
        for name, one in tensors.items()
    }
    write_tensors(file, few, description)


def _unfinish(stages: Path) -> None:
    """Leave the last of several stages to be trained to its end."""
    if stages.is_file():
        document = json.loads(stages.read_text("utf-8"))
        document["stages"][-1]["result"] = None
        stages.write_text(json.dumps(document))


if __name__ == "__main__":
    for name in DATA:
        with tempfile.TemporaryDirectory() as folder:
            print(made := make(name, Path(folder)), made.stat().st_size)
