"""Start from the weights of another run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch import Tensor, nn

from polyclinic.console import note, styled
from polyclinic.data import Cohort, Facts, Split
from polyclinic.data.patients import patient_key
from polyclinic.errors import ConfigError, RunError
from polyclinic.recipes.assemble import assemble
from polyclinic.runs.fingerprints import Fingerprints
from polyclinic.runs.folds_directory import is_folds_run
from polyclinic.runs.load import recipe_of
from polyclinic.tasks import Network
from polyclinic.tasks.task import NamedRows
from polyclinic.training.run_directory import RunDirectory


def check_initial(run: Path) -> None:
    """Make sure that weights can be taken from a folder, before another one is made.

    Raises:
        RunError: there is no run, or several.
    """
    if not (run / "config.yaml").is_file():
        raise RunError(
            "is not a run", expected="the folder of a finished training", where=f"init={run}"
        )
    if is_folds_run(run):
        raise RunError(
            "holds the folds of a cross-validation",
            expected="one training",
            where=f"init={run}",
            hint=f"init={run / 'fold-1'} is one; its test patients were trained on in the others",
        )


def warn_of_seen(run: Path, cohort: Cohort, split: Split, console: Console) -> None:
    """Say which patients that are to be judged were trained on in the run to start from.

    Args:
        run: to start from; one that kept no record of its images says nothing.
        cohort: the data set.
        split: its test and calibration parts are looked at.
        console: where to report.
    """
    known = Fingerprints.of_run(run)
    if known is None:
        return
    learnt = [row for row, part in enumerate(known.parts) if part in ("train", "val")]
    patients = {known.patient_keys[row] for row in learnt} - {None}
    judged = [cohort.samples[row] for row in (*split.test, *split.calibration)]
    if shared := sorted({str(one.patient_id) for one in judged if patient_key(one) in patients}):
        said = (
            f"{len(shared)} patients that this run is judged by were trained on in "
            f"{run} ({', '.join(shared[:3])}{' ...' if len(shared) > 3 else ''}): their figures "
            "will flatter; give both runs one split"
        )
        console.print(note(said))


def start_from(network: Network, run: Path, console: Console) -> None:
    """Give a network the weights of a trained one where names and shapes agree.

    Rows that belong to a class, a landmark or a value go by its name: two data sets may count
    them in different orders. The rest, such as rows of new names, keeps its own first weights.

    Args:
        network: changed in place.
        run: directory of a finished run.
        console: where it is said how much was taken over.

    Raises:
        RunError: the run has no weights.
        ConfigError: nothing of its encoder fits.
    """
    directory = RunDirectory.existing(run)
    trained, described = directory.load_model()
    rows, known = _rows_of(network), _trained_rows(directory, described)
    own = network.state_dict()
    fitting: dict[str, Tensor] = {}
    new: dict[str, None] = {}
    for name, tensor in trained.items():
        if name in rows:
            taken, missing = _by_name(own[name], rows[name], tensor, known.get(name))
            fitting |= {} if taken is None else {name: taken}
            new |= dict.fromkeys(missing)
        elif name in own and own[name].shape == tensor.shape:
            fitting[name] = tensor
    # Counters and the like have one shape in all networks.
    if not any(name.startswith("encoder.") and one.ndim > 1 for name, one in fitting.items()):
        raise ConfigError(
            "the run has another encoder",
            expected="the same model settings in both",
            where=f"init={run}",
        )
    network.load_state_dict(fitting, strict=False)
    others = [name for name in own if name not in fitting]
    heads = sorted({".".join(name.split(".")[:2]) for name in others})
    said = (
        f": {len(fitting)} of {len(own)} tensors"
        + (f"; new: {', '.join(heads)}" if heads else "")
        + (f"; rows of new names: {', '.join(new)}" if new else "")
    )
    console.print(styled("start from ", (str(run), "bold"), said))


def _rows_of(network: nn.Module) -> dict[str, NamedRows]:
    return network.named_rows() if isinstance(network, Network) else {}


def _trained_rows(directory: RunDirectory, described: Mapping[str, Any]) -> dict[str, NamedRows]:
    """What the rows of a trained network are of; names that it was never taught are none."""
    if "facts" not in described:
        return {}
    recipe, config = recipe_of(directory)
    facts = Facts.from_json(described["facts"])
    rows = assemble(recipe, config, facts, load_weights=False).network.named_rows()
    missing = facts.not_taught or {}
    untaught = {*missing.get("classes", ()), *missing.get("landmarks", ())}
    return {
        name: replace(one, names=tuple(None if n in untaught else n for n in one.names))
        for name, one in rows.items()
    }


def _by_name(
    own: Tensor, rows: NamedRows, trained: Tensor, known: NamedRows | None
) -> tuple[Tensor | None, list[str]]:
    """A parameter with the trained rows of its names, and the names that are new.

    None where no row fits.
    """
    names = () if known is None else known.names
    pairs = [(row, names.index(one)) for row, one in enumerate(rows.names) if one in names]
    new = [one.split(", side")[0] for one in rows.names if one and one not in names]
    if not pairs or _others(own, rows.axis) != _others(trained, rows.axis):
        return None, new
    here, there = (torch.tensor(some) for some in zip(*pairs, strict=True))
    taken = own.detach().cpu().clone()
    taken.index_copy_(rows.axis, here, trained.to(taken.dtype).index_select(rows.axis, there))
    return taken, new


def _others(tensor: Tensor, axis: int) -> list[int]:
    """The sides besides that of the rows."""
    return [side for place, side in enumerate(tensor.shape) if place != axis]
