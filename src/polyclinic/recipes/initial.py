"""Start from the weights of another run."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from polyclinic.data import Cohort, Split
from polyclinic.data.patients import patient_key
from polyclinic.errors import ConfigError, RunError
from polyclinic.recipes.fingerprints import Fingerprints
from polyclinic.recipes.folds_directory import is_folds_run
from polyclinic.tasks import Network
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
        console.print(
            f"[yellow]note[/] {len(shared)} patients that this run is judged by were trained on in "
            f"{run} ({', '.join(shared[:3])}{' ...' if len(shared) > 3 else ''}): their figures "
            "will flatter; give both runs one split"
        )


def start_from(network: Network, run: Path, console: Console) -> None:
    """Give a network the weights of a trained one where names and shapes agree.

    The rest, such as a head for other landmarks, keeps its own first weights.

    Args:
        network: changed in place.
        run: directory of a finished run.
        console: where it is said how much was taken over.

    Raises:
        RunError: the run has no weights.
        ConfigError: nothing of its encoder fits.
    """
    trained, _ = RunDirectory.existing(run).load_model()
    own = network.state_dict()
    fitting = {
        name: tensor
        for name, tensor in trained.items()
        if name in own and own[name].shape == tensor.shape
    }
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
    console.print(
        f"start from [bold]{run}[/]: {len(fitting)} of {len(own)} tensors"
        + (f"; new: {', '.join(heads)}" if heads else "")
    )
