"""Start from the weights of another run."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from polyclinic.errors import ConfigError, RunError
from polyclinic.tasks import Network
from polyclinic.training.run_directory import RunDirectory


def check_initial(run: Path) -> None:
    """Make sure that weights can be taken from a folder, before another one is made.

    Raises:
        RunError: there is no run.
    """
    if not (run / "config.yaml").is_file():
        raise RunError(
            "is not a run", expected="the folder of a finished training", where=f"init={run}"
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
