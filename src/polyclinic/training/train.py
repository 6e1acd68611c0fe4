"""Train a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from polyclinic.console import note
from polyclinic.errors import DataError
from polyclinic.tasks import Network
from polyclinic.training.balance import Balance
from polyclinic.training.config import TrainConfig, resolved
from polyclinic.training.devices import accelerator, build_fabric
from polyclinic.training.keeper import Evaluate, Keeper
from polyclinic.training.loader import LoadEncoded, batches, deaths_reported
from polyclinic.training.loop import Loop
from polyclinic.training.objective import Objective
from polyclinic.training.order import Order
from polyclinic.training.progress import reporting
from polyclinic.training.run_directory import RunDirectory
from polyclinic.training.stepper import Stepper
from polyclinic.training.strategy import Strategy
from polyclinic.training.workers import Room, batch_bytes, fitting_workers


@dataclass(frozen=True)
class TrainResult:
    """How a training ended.

    Args:
        steps: done in all.
        seconds: spent in all, evaluations included.
        best_score: of the kept weights; None without an evaluation.
        final_losses: means over the last logged steps, by loss name.
    """

    steps: int
    seconds: float
    best_score: float | None
    final_losses: dict[str, float]


def train(
    network: Network,
    *,
    strategy: Strategy,
    balance: Balance,
    load_encoded: LoadEncoded,
    indices: Sequence[int],
    config: TrainConfig,
    seed: int,
    run: RunDirectory,
    describe: Mapping[str, Any],
    evaluate: Evaluate | None,
    resume: bool,
    console: Console,
    name_of: Callable[[int], str] = str,
) -> TrainResult:
    """Train, evaluate now and then, keep the best weights, and write the run.

    On a CPU a resumed training ends with the same bits as one that was never stopped, unless a
    time budget made it end elsewhere. It computes in the precision that it was started in, also
    where `auto` would choose another one on the machine on which it goes on.

    Args:
        network: changed in place; holds its last weights at the end.
        strategy: what one step looks at.
        balance: made for the strategy's loss names.
        load_encoded: from (row, random key) to a prepared sample; always the same for the same.
        indices: rows to train on.
        config: how to train.
        seed: of the order, the random keys and whatever the network draws.
        run: started or taken up by `RunDirectory.start`.
        describe: plain JSON values for `model.json`: what is needed to read with the weights.
        evaluate: scores the network in evaluation mode, higher is better; None keeps the last
            weights instead of the best.
        resume: go on from the last checkpoint of the run, if it has one.
        console: where progress is shown.
        name_of: what to call a row in messages.

    Raises:
        DataError: `indices` is empty, or a sample can't be loaded.
        TrainingError: a loss is not finite, or a loader process failed.
        RunError: the checkpoint is damaged or of another network.
    """
    if not indices:
        raise DataError("there is no image to train on", where="the training part of the split")
    found = run.load_state() if resume else None
    precision = (
        resolved(config.precision, accelerator()) if found is None else found[1]["precision"]
    )
    fabric = build_fabric(config, precision)
    fabric.launch()
    order = Order(
        indices, config.batch_size, seed, rank=fabric.global_rank, world=fabric.world_size
    )
    keeper = Keeper(fabric, run, describe, evaluate)
    objective = Objective(network, strategy, balance)
    stepper = Stepper(fabric, objective, config, seed=seed, run=run.path)
    loop = Loop(stepper, order, config, run, keeper, precision)
    if found is not None:
        loop.load_state(*found)
    if resume:
        run.forget_log_after(loop.step)
    workers = config.workers
    if workers is None:
        size = batch_bytes(load_encoded, order, loop.step)
        workers = fitting_workers(fabric.device.type, fabric.world_size, Room.here(), size)
    stream = batches(
        load_encoded,
        order,
        first=loop.step,
        last=config.steps,
        workers=workers,
        name_of=name_of,
    )
    shown = console if fabric.is_global_zero else Console(quiet=True)
    shown.print(f"training for {config.extent}")
    with closing(stream), deaths_reported(), reporting(shown) as report:
        loop.advance(stream, report)
    if config.steps is not None and loop.step < config.steps:
        budget = f"the budget of {config.max_minutes:.3g} min"
        shown.print(note(f"{budget} ended after {loop.step} of {config.steps} steps"))
    shown.print(
        f"computed in {precision}; {loop.clock.waiting_share:.1%} of the time waiting for images"
    )
    if evaluate is not None and keeper.best is None:
        shown.print(note("the validation figure could not be computed: the last weights are kept"))
    return TrainResult(loop.step, loop.clock.elapsed, keeper.best, loop.losses)
