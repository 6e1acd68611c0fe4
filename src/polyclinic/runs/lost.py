"""What a faster way of computing costs, in the figure by which the weights were chosen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from polyclinic.errors import RunError
from polyclinic.metrics.figure import Figure
from polyclinic.recipes.judge import figure_value, judge, read_cases
from polyclinic.runs.load import load_run, recipe_of
from polyclinic.runs.own_data import OwnData
from polyclinic.runtime.reads import BaseReader
from polyclinic.training.run_directory import RunDirectory


@dataclass(frozen=True)
class Lost:
    """A figure of the validation part, computed plainly and faster.

    Args:
        figure: its name.
        plain, faster: its values; the second is not a number where there is none.
        lower_is_better: as with errors.
        images: in the part.
        others: plain and faster values of the recipe's main figures, by name.
    """

    figure: str
    plain: float
    faster: float
    lower_is_better: bool
    images: int
    others: dict[str, tuple[float | None, float | None]]

    @property
    def share(self) -> float:
        """How much worse the figure is, in shares of the plain one; below 0 where it is better."""
        worse = self.faster - self.plain if self.lower_is_better else self.plain - self.faster
        if worse == 0:
            return 0.0
        return worse / abs(self.plain) if self.plain else math.copysign(math.inf, worse)

    def refuse(self, most: float, *, where: str) -> None:
        """Make sure that not too much is lost.

        Args:
            most: share of the figure.
            where: of whom.

        Raises:
            RunError: more is.
        """
        if not self.share <= most:
            raise RunError(
                f"{self} on {self.images} validation images, a loss of {self.share:.1%}",
                expected=f"a loss of at most {most:.1%} of the figure",
                where=where,
                hint="read in fp32 or bf16; nothing was written",
            )

    def lines(self) -> list[str]:
        """For whoever exports: the figure, and the recipe's main ones."""
        others = [
            f"  {name}: {_text(plain)} in fp32, {_text(faster)} in int8"
            for name, (plain, faster) in self.others.items()
        ]
        return [f"{self} on {self.images} validation images", *others]

    def __str__(self) -> str:
        return f"{self.figure} {self.plain:.4g} in fp32 and {self.faster:.4g} in int8"


def what_is_lost(run: Path, own: OwnData, plain: BaseReader, faster: BaseReader) -> Lost:
    """Judge two readers of a run on its validation part.

    Raises:
        RunError: there is no validation part, an image of it can't be read, or the figure can't
            be computed on it.
    """
    recipe, config = recipe_of(RunDirectory.existing(run))
    name, count = recipe.monitored(config), len(own.split.val)
    if not count:
        raise RunError("has no validation part to judge by", where=str(run))
    tasks = load_run(run).task_list
    figures = []
    for reader in (plain, faster):
        cases = read_cases(reader, own.cohort, own.split.val)
        errors = [reading.error for _, reading in cases if reading.error is not None]
        if errors:
            raise RunError(f"a validation image can't be read: {errors[0]}", where=str(run))
        figures.append(judge(recipe, config, tasks, cases, reader.accept))
    values = [figure_value(some, name, count) for some in figures]
    if values[0] is None:
        raise RunError(
            f"{name} can't be computed on the {count} validation images",
            where=str(run),
            hint="split the data so that more of them are for validation",
        )
    return Lost(
        figure=name,
        plain=values[0],
        faster=math.nan if values[1] is None else values[1],
        lower_is_better=_lower_is_better(figures[0], name),
        images=count,
        others={
            one: (figure_value(figures[0], one, count), figure_value(figures[1], one, count))
            for one in recipe.main_figures(config)
        },
    )


def _text(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"


def _lower_is_better(figures: list[Figure], name: str) -> bool:
    return any(one.name == name and one.better == "lower" for one in figures)
