"""From a run directory to a reader."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from polyclinic.data import Facts
from polyclinic.data.grey import grey_from_json
from polyclinic.errors import RunError
from polyclinic.models.fuse_for_inference import fuse_for_inference
from polyclinic.recipes.assemble import assemble
from polyclinic.recipes.find import find_stored_recipe
from polyclinic.recipes.recipe import Recipe
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.recipes.staged import Staged
from polyclinic.runs.folds_directory import fold_runs, is_folds_run, read_record
from polyclinic.runs.stages_file import StagesFile
from polyclinic.runtime.calibration import Calibration
from polyclinic.runtime.ensemble import Ensemble
from polyclinic.runtime.predictors.torch_predictor import TorchPredictor
from polyclinic.runtime.reader import Reader
from polyclinic.runtime.reads import BaseReader
from polyclinic.stored import values_of
from polyclinic.tasks import Network
from polyclinic.training.run_directory import CONFIG, WEIGHTS, RunDirectory


def load(run: str | Path) -> BaseReader:
    """The reader that a training made; of a cross-validation, all folds as an ensemble.

    Args:
        run: a run directory, or that of a cross-validation.

    Raises:
        RunError: it is not there, not finished or of another version.
    """
    path = Path(run)
    if not is_folds_run(path):
        return load_run(path)
    members = [load_run(fold) for fold in fold_runs(path)]
    ensemble = Ensemble(members, accept=read_record(path).accept)
    ensemble.calibration = Calibration.of_run(path)
    return ensemble


def load_run(run: Path) -> BaseReader:
    """The reader of one training, of one network or of several stages.

    Raises:
        RunError: it is not there, not finished or of another version.
    """
    recipe, config = recipe_of(RunDirectory.existing(run))
    reader: BaseReader
    if isinstance(recipe, Staged):
        record = StagesFile.of_run(run)
        _refuse_untrained(run, record)
        readers = {stage.name: load_network(run / stage.name) for stage in record.stages}
        reader = recipe.join(readers, config, record.facts, record.provenance)
        reader.grey = readers[record.stages[0].name].grey
    else:
        reader = load_network(run)
    reader.calibration = Calibration.of_run(run)
    return reader


def _refuse_untrained(run: Path, record: StagesFile) -> None:
    waiting = [
        stage.name
        for stage in record.stages
        if stage.result is None and not (run / stage.name / "model.safetensors").is_file()
    ]
    if waiting:
        raise RunError(
            f"is not trained to the end: {', '.join(waiting)} is to come",
            where=str(run),
            hint="go on with `polyclinic fit` and --resume",
        )


def load_network(run: Path) -> Reader:
    """The reader of one network.

    Raises:
        RunError: it is not there, not finished or of another version.
    """
    directory = RunDirectory.existing(run)
    recipe, config = recipe_of(directory)
    tensors, description = directory.load_model()
    weights = run / WEIGHTS
    with values_of(weights):
        facts = Facts.from_json(description["facts"])
    try:
        network = _network_of(recipe, config, facts, tensors)
    except (RuntimeError, MemoryError, TypeError, ValueError) as error:
        *_, why = str(error).strip().splitlines() or [type(error).__name__]
        raise RunError(
            f"holds the weights of another network than {run / CONFIG} describes ({why.strip()})",
            expected="settings and weights of one training",
            where=str(weights),
            hint="put back the config.yaml and the weights that were written together",
        ) from None
    fuse_for_inference(network)
    with values_of(weights):
        return make_reader(recipe, config, facts, network, description)


def _network_of(
    recipe: Recipe[Any], config: RecipeConfig, facts: Facts, tensors: Mapping[str, Tensor]
) -> Network:
    """The network that settings describe, with the weights of a file.

    Its outline is drawn first, without memory for weights: damaged settings may describe a network
    that no machine can hold.

    Raises:
        RuntimeError: the shapes differ.
    """
    with suppress(NotImplementedError), torch.device("meta"):  # some may need values to be built
        outline = assemble(recipe, config, facts, load_weights=False).network
        outline.load_state_dict(tensors, assign=True)
    network = assemble(recipe, config, facts, load_weights=False).network
    network.load_state_dict(tensors)
    return network


def training_log(run: Path) -> list[dict[str, Any]]:
    """What a training logged; of several stages, the last one."""
    staged = (run / StagesFile.NAME).is_file()
    last = run / StagesFile.of_run(run).stages[-1].name if staged else run
    return RunDirectory(last).read_log()


def recipe_of(directory: RunDirectory) -> tuple[Recipe[Any], Any]:
    """The recipe of a run and its resolved settings.

    Raises:
        RunError: the run names code that is of no installed package and not trusted, there is no
            such recipe, or the settings do not fit it.
    """
    values, file = directory.config(), directory.path / CONFIG
    with values_of(file):
        recipe = find_stored_recipe(str(values["recipe"]), str(file))
        return recipe, recipe.settings.parse(values, where="")


def make_reader(
    recipe: Recipe[Any],
    config: RecipeConfig,
    facts: Facts,
    network: Network,
    description: dict[str, Any],
) -> Reader:
    """A reader around a network that is already there.

    Args:
        recipe: measures.
        config: its settings.
        facts: of the data that it was trained on.
        network: the weights.
        description: what `model.json` says; `accept`, `grey` and `provenance` are taken from it.
    """
    return Reader(
        TorchPredictor(network),
        decoders={task.name: task.decoder for task in network.task_list},
        frame=config.data.frame,
        classes=facts.classes,
        landmark_schema=facts.landmark_schema if network.gives_landmarks else None,
        measurer=recipe.measurer(config),
        provenance=description["provenance"],
        accept=description["accept"],
        grey=grey_from_json(description.get("grey")),
    )
