"""Options that say where the work is done: on this machine, or on a Ray cluster."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from polyclinic.errors import ConfigError

if TYPE_CHECKING:
    from polyclinic.fitting.engines import FoldEngine
    from polyclinic.runtime.engines import Engine


class EngineName(StrEnum):
    """What `--engine` takes."""

    LOCAL = "local"
    RAY = "ray"


EngineOption = Annotated[
    EngineName, typer.Option("--engine", help="local, or ray: several processes or machines.")
]
RayAddress = Annotated[
    str | None,
    typer.Option(
        envvar="RAY_ADDRESS",
        help="host:port of a Ray cluster; without one, --engine ray starts one on this machine.",
    ),
]
Cpus = Annotated[
    int | None,
    typer.Option(min=1, help="CPUs of each process of --engine ray, and threads of its network."),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Processes that read; unset: one a core where that pays, with --engine ray all that "
        "there is room for.",
    ),
]


def fold_engine(name: EngineName, address: str | None, cpus: int | None) -> FoldEngine:
    """What trains folds.

    Raises:
        ConfigError: Ray is not installed, or an option of it stands beside another engine.
    """
    if name is EngineName.RAY:
        from polyclinic.fitting.engines.ray_folds import RayFolds
        from polyclinic.runtime.engines.ray_cluster import import_ray

        import_ray()
        return RayFolds(address=address, cpus=cpus)
    from polyclinic.fitting.engines import InTurn

    _refuse({"--cpus": cpus})
    return InTurn()


def reading_engine(
    name: EngineName,
    address: str | None,
    workers: int | None,
    cpus: int | None,
    console: Console,
    *,
    pays: bool,
) -> Engine:
    """What reads images.

    Args:
        name: `local` or `ray`.
        address: of a Ray cluster.
        workers: processes; None: as many as pay, or as there is room for.
        cpus: of each process of Ray.
        console: told what users should know.
        pays: whether several processes of this machine would be worth their start.

    Raises:
        ConfigError: Ray is not installed, or an option of it stands beside another engine.
    """
    if name is EngineName.RAY:
        from polyclinic.runtime.engines.ray_cluster import import_ray
        from polyclinic.runtime.engines.ray_engine import RayEngine

        import_ray()
        return RayEngine(address=address, workers=workers, cpus=cpus or 1, told=console.print)
    from polyclinic.runtime.engines import LocalEngine
    from polyclinic.runtime.engines.processes import ProcessEngine

    _refuse({"--cpus": cpus})
    engine = ProcessEngine(workers=workers, told=console.print)
    return engine if engine.workers > 1 and (pays or workers) else LocalEngine()


def _refuse(options: dict[str, int | None]) -> None:
    """`RAY_ADDRESS` may be set for other programs; these are meant."""
    for option, value in options.items():
        if value is not None:
            raise ConfigError(
                f"{option} {value} is of no use here", expected="--engine ray beside it"
            )
