"""What makes the measurements of a recipe, stored beside its network."""

from __future__ import annotations

from abc import abstractmethod

from polyclinic.portable import Portable
from polyclinic.reading import Measurement, Reading


class Measurer(Portable):
    """Makes clinical measurements of one reading."""

    @abstractmethod
    def measure(self, reading: Reading) -> tuple[Measurement, ...]:
        """What can be measured, and why the rest can't."""


class NothingToMeasure(Measurer):
    """For recipes that measure nothing."""

    def measure(self, reading: Reading) -> tuple[Measurement, ...]:
        """Nothing."""
        return ()
