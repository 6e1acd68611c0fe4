"""Proportional odds: one score, and ordered thresholds between the grades."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


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
