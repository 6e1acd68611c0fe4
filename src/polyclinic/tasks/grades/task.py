"""One whole-image grade: a probability for each, by proportional odds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from polyclinic.data import Facts
from polyclinic.metrics.classify.answers import is_whole
from polyclinic.tasks.task import FeatureShape, NamedRows
from polyclinic.tasks.whole_image.one_value import OneValue, OneValueConfig


class ProportionalOdds(nn.Module):
    """P(y > k) = sigmoid(f - b_k) with b_1 < b_2 < ... between K grades.

    Each threshold is the one before and softplus(s_k), so their order can't be lost. A score f of
    0 states the shares of the training images at first.

    Args:
        counts: training images of each of K >= 2 grades, in ascending order.

    Source: McCullagh, "Regression models for ordinal data", Journal of the Royal Statistical
    Society B 1980; 42:109-142, section 2.
    """

    def __init__(self, counts: Sequence[int]) -> None:
        super().__init__()
        # One image more of each, so that no two thresholds are the same.
        images = torch.tensor(counts, dtype=torch.float64) + 1
        thresholds = (images.cumsum(0)[:-1] / images.sum()).logit()
        self.first = nn.Parameter(thresholds[:1].float())
        self.steps = nn.Parameter(thresholds.diff().expm1().log().float())

    @property
    def thresholds(self) -> Tensor:
        """(K - 1,) b in ascending order."""
        return torch.cat([self.first, F.softplus(self.steps)]).cumsum(0)

    def forward(self, scores: Tensor) -> Tensor:
        """(B, K) log P(y = k) from (B,) f, in float32.

        P(y = k) = sigmoid(u) - sigmoid(l) with u = b_{k+1} - f and l = b_k - f is
        sigmoid(u) sigmoid(-l) (1 - exp(l - u)), and 1 - exp(-softplus(s)) = sigmoid(s). The sum
        of three logarithms keeps its digits where the difference of two shares keeps none.
        Each is a softplus: runtimes take log(sigmoid(x)) in two steps, and the first is 0 far
        below 0.
        """
        above = scores.float()[:, None] - self.thresholds
        ends = above.new_zeros(len(above), 1)
        over = torch.cat([ends, -F.softplus(-above)], 1)
        under = torch.cat([-F.softplus(above), ends], 1)
        return over + under + F.pad(-F.softplus(-self.steps), (1, 1))


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
