"""Train folds as tasks of a Ray cluster, several at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lightning_fabric.utilities.rank_zero import rank_zero_only
from rich.console import Console

from polyclinic.console import styled
from polyclinic.data import Cohort, open_cohort
from polyclinic.data.raters import settled
from polyclinic.errors import ConfigError, PolyclinicError, TrainingError
from polyclinic.fitting.engines.fold import FoldJob, FoldProgress, fit_fold
from polyclinic.recipes.settings import REFERENCE
from polyclinic.runs.folds_directory import FoldState
from polyclinic.runs.same_data import check_same_data
from polyclinic.runtime.engines.ray_cluster import ray_cluster, room_for, shared_out
from polyclinic.runtime.engines.ray_engine import result_of
from polyclinic.runtime.engines.worker import Place
from polyclinic.runtime.engines.worker_pool import Lost
from polyclinic.training.journal import Journal

REPORT_S = 60.0
"""How often it is said how far the folds are."""


@dataclass(frozen=True, kw_only=True)
class RayFolds:
    """Each fold is a process of its own, on whatever machine has room for it.

    A fold whose process or machine is lost goes on from its last checkpoint in another one.

    Args:
        address: of the cluster, as in `ray_cluster`.
        cpus: of each fold, and threads of its network; None shares out those of the cluster.
        attempts: how many processes a fold may use up.
    """

    address: str | None = None
    cpus: int | None = None
    attempts: int = 4

    def fit(
        self, jobs: Sequence[FoldJob], cohort: Cohort, progress: FoldProgress
    ) -> Iterator[tuple[int, FoldState]]:
        """Number and state of each fold, in the order in which they end.

        A fold that can't be trained does not stop the others; its error comes last.

        Raises:
            PolyclinicError: Ray can't be used, or a training can't go on.
        """
        _refuse_several_devices(jobs)
        if not jobs:
            return
        with ray_cluster(self.address) as ray:
            cpus = self.cpus or shared_out(ray, len(jobs))
            room = room_for(ray, cpus)
            abreast = min(room.processes, len(jobs))
            progress.console.print(f"{abreast} folds at a time, with {cpus} CPUs each")
            task = ray.remote(_fit_apart).options(
                num_cpus=cpus,
                num_gpus=room.gpus,
                max_retries=self.attempts - 1,
                scheduling_strategy="SPREAD",
            )
            place, digest = Place(folder=Path.cwd(), threads=cpus), cohort.digest()
            running = {task.remote(job, digest, place): job for job in jobs}
            failed: list[PolyclinicError] = []
            while running:
                done, _ = ray.wait(list(running), timeout=REPORT_S)
                if not done:
                    progress.console.print(_steps(list(running.values())))
                for reference in done:
                    job = running.pop(reference)
                    try:
                        state = result_of(ray, reference)
                    except (PolyclinicError, Lost) as error:
                        failed.append(self._explained(error, job))
                        progress.console.print(
                            styled((f"fold {job.number}", "red"), f" {failed[-1]}")
                        )
                        continue
                    yield job.number, state
                    progress.ended(job.number, abreast=abreast)
            if failed:
                raise failed[0]

    def _explained(self, error: Exception, job: FoldJob) -> PolyclinicError:
        if isinstance(error, PolyclinicError):
            return error
        return TrainingError(
            f"the process of fold {job.number} died {self.attempts} times ({error})",
            where=str(job.out),
            hint="it may run out of memory: train fewer at a time with --cpus, then go on with "
            "--resume",
        )


def _fit_apart(job: FoldJob, digest: str, place: Place) -> FoldState:
    """Train a fold in this process of the cluster.

    Raises:
        PolyclinicError: the data differ from those of the command, or training can't go on.
    """
    place.enter()
    _forget_the_job()
    cohort = settled(open_cohort(job.data), job.config.data.reference, REFERENCE)
    check_same_data(digest, cohort, job.out)
    return fit_fold(job, cohort, Console(quiet=True))


def _forget_the_job() -> None:
    """Let the training not take the machine's rank in a SLURM job for a rank of its own."""
    for name in [name for name in os.environ if name.startswith("SLURM_")]:
        del os.environ[name]
    rank_zero_only.rank = 0


def _refuse_several_devices(jobs: Sequence[FoldJob]) -> None:
    most = max((job.config.train.devices for job in jobs), default=1)
    if most > 1:
        raise ConfigError(
            f"train.devices = {most} stands beside --engine ray",
            expected="1: each fold has a process, and a GPU where there are any",
        )


def _steps(jobs: Sequence[FoldJob]) -> str:
    """How far the folds are that are being trained; those that wait have logged nothing."""
    parts = []
    for job in jobs:
        logs = sorted(job.out.rglob("log.jsonl"), key=lambda file: file.stat().st_mtime)
        records = Journal(logs[-1]).read() if logs else []
        if records:
            parts.append(f"fold {job.number}: step {records[-1]['step']}")
    return ", ".join(parts) or "no step is logged yet"
