"""One whole-image grade: a probability for each, by proportional odds."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from polyclinic.data import Facts
from polyclinic.metrics.classify.answers import is_whole
from polyclinic.tasks.grades.cumulative import ProportionalOdds
from polyclinic.tasks.task import FeatureShape, NamedRows
from polyclinic.tasks.whole_image.one_value import OneValue, OneValueConfig


class GradesConfig(OneValueConfig):
    """Settings of an ordinal whole-image label."""

    def left_out(self, facts: Facts) -> str | None:
        """Needs two values of the label in the training images, and none but whole numbers."""
        words = [repr(name) for name in super().counts(facts) if not is_whole(name)]
        if words:
            return (
                f"the label {self.label!r} has values that are no whole numbers: "
                f"{', '.join(words)}; number them by grade, or use the task `classes`"
            )
        return super().left_out(facts)

    def counts(self, facts: Facts) -> dict[str, int]:
        """Training images of each grade that was annotated, in ascending order."""
        return dict(sorted(super().counts(facts).items(), key=lambda one: int(one[0])))

    def build(self, facts: Facts, features: FeatureShape) -> Grades:
        """Make the task for the grades of a data set.

        Raises:
            ConfigError: there is no such level.
        """
        return Grades(self, self.counts(facts), self.vector_width(features))


class Grades(OneValue):
    """Which grade an image has.

    The loss is the cross-entropy of the grade, so the probabilities that are read are the very
    ones that were fitted. The usual sum of binary cross-entropies over "above k" counts an image
    K - 1 times as if these answers were independent, which they are not, and its size grows with
    the number of grades, so that it can't be weighed like that of `classes`.

    Args:
        config: settings.
        counts: training images of each of K grades, by name, in ascending order.
        channels: values that are known of an image.
    """

    def __init__(self, config: GradesConfig, counts: Mapping[str, int], channels: int) -> None:
        super().__init__(config, counts, channels, outputs=1)
        self.odds = ProportionalOdds(list(counts.values()))

    def logits(self, outputs: Tensor) -> Tensor:
        """(B, K) log-probabilities of the grades; the score is the only output."""
        return self.odds(outputs[:, 0])

    def named_rows(self) -> dict[str, NamedRows]:
        """The lowest threshold, and the step from each to the next; the score is of no grade."""
        names = self.values
        steps = [" < ".join(names[row : row + 3]) for row in range(len(names) - 2)]
        return {
            "odds.first": NamedRows(names=(" < ".join(names[:2]),)),
            "odds.steps": NamedRows(names=tuple(steps)),
        }
