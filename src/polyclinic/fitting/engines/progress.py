"""Say how far a cross-validation is."""

from __future__ import annotations

from rich.console import Console

from polyclinic.console import styled
from polyclinic.runs.folds_directory import FoldsRecord


class FoldProgress:
    """Reports folds and the time that is left.

    Args:
        console: where to report.
        record: how far the folds are; replaced as they end.
        budget: minutes that a fold may take, where there is a limit.
    """

    def __init__(self, console: Console, record: FoldsRecord, budget: float | None) -> None:
        self.console, self.record, self._budget = console, record, budget

    def begins(self, number: int) -> None:
        """A fold is trained next, alone."""
        self.console.print(styled(self._name(number), self.time_left(abreast=1)))

    def trained_before(self, number: int) -> None:
        """A fold is left as it is."""
        self.console.print(styled(self._name(number), "\ntrained already"))

    def ended(self, number: int, *, abreast: int) -> None:
        """A fold among several is trained; `record` knows it already."""
        minutes = self.record.folds[number - 1].seconds / 60
        left = self.time_left(abreast=abreast)
        self.console.print(styled(self._name(number), f" trained in {minutes:.1f} min{left}"))

    def time_left(self, *, abreast: int) -> str:
        """What the folds that are left will take: as long as those that are done, else the budget.

        Args:
            abreast: how many are trained at a time.
        """
        minutes = [fold.seconds / 60 for fold in self.record.folds if fold.finished]
        each = sum(minutes) / len(minutes) if minutes else self._budget
        rounds = -(-len(self.record.unfinished) // abreast)
        return f", about {rounds * each:.0f} min left" if each is not None and rounds else ""

    def _name(self, number: int) -> tuple[str, str]:
        return f"fold {number} of {len(self.record.folds)}", "bold"
