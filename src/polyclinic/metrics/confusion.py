"""Which class was taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from polyclinic.metrics.case import annotated, class_names, found
from polyclinic.metrics.matching import MatchedCase


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """Annotated against read classes of instances.

    Args:
        classes: the class names.
        counts: C + 1 rows (annotated; the last row is spurious finds) of C + 1 columns (read;
            the last column is missed instances).
        accuracy: share of matched instances with the right class; None when nothing matched.
    """

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    accuracy: float | None

    @property
    def matched(self) -> int:
        """Number of matched instances with both classes known."""
        return sum(sum(row[:-1]) for row in self.counts[:-1])


def confusion(matched: Sequence[MatchedCase]) -> Confusion:
    """Count classes over all images; instances without a class on either side are left out."""
    classes = class_names([one.case for one in matched])
    extra = len(classes)
    counts = np.zeros((extra + 1, extra + 1), int)
    for one in matched:
        true, read = annotated(one.case), found(one.case)
        for row, column in (
            *((true[a].category, read[f].category) for a, f in one.match.pairs),
            *((true[a].category, extra) for a in one.match.missed),
            *((extra, read[f].category) for f in one.match.spurious),
        ):
            if row is not None and column is not None:
                counts[row, column] += 1
    inner = counts[:extra, :extra]
    return Confusion(
        classes=classes,
        counts=tuple(tuple(int(c) for c in row) for row in counts),
        accuracy=float(np.trace(inner) / inner.sum()) if inner.sum() else None,
    )
