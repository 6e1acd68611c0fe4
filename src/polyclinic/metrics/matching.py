"""Which found instance is which annotated one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from polyclinic.metrics.case import Case, annotated, found, instance_cases, score_of
from polyclinic.metrics.overlap import instance_iou, share_inside
from polyclinic.sample import Instance


@dataclass(frozen=True)
class Match:
    """Rows of the annotated and found instances of one image that belong together.

    Args:
        pairs: (annotated row, found row).
        missed: annotated rows without a partner; crowd regions are never missed.
        spurious: found rows without a partner.
        ignored: found rows that lie in a crowd region: neither hit nor miss.
    """

    pairs: tuple[tuple[int, int], ...]
    missed: tuple[int, ...]
    spurious: tuple[int, ...]
    ignored: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class MatchedCase:
    """A case with its match."""

    case: Case
    match: Match

    @property
    def pairs(self) -> list[tuple[Instance, Instance]]:
        """The (annotated, found) instances that belong together."""
        true, read = annotated(self.case), found(self.case)
        return [(true[a], read[f]) for a, f in self.match.pairs]


def match_instances(
    true: Sequence[Instance],
    read: Sequence[Instance],
    *,
    min_iou: float = 0.5,
    min_score: float = 0.0,
) -> Match:
    """Match greedily by descending score, as COCO does, without regard to class.

    Each found instance takes the free annotated one that it overlaps most, if the IoU reaches
    `min_iou`. The overlap is that of the masks, or of the boxes where either has no mask.
    Greedy rather than optimal, so that precision and recall agree with AP and a better but
    less confident duplicate earns nothing. Found instances under `min_score` don't exist here.

    Source: Lin et al., "Microsoft COCO", ECCV 2014, and its reference evaluation.
    """
    crowds = [instance for instance in true if instance.crowd]
    free = {row for row, instance in enumerate(true) if not instance.crowd}
    rows = [row for row, instance in enumerate(read) if score_of(instance) >= min_score]
    pairs, spurious, ignored = [], [], []
    for row in sorted(rows, key=lambda r: -score_of(read[r])):
        overlaps = {other: instance_iou(true[other], read[row]) for other in sorted(free)}
        best = max(overlaps, key=lambda other: overlaps[other], default=None)
        if best is not None and overlaps[best] >= min_iou:
            pairs.append((best, row))
            free.remove(best)
        elif any(share_inside(read[row], crowd) >= min_iou for crowd in crowds):
            ignored.append(row)
        else:
            spurious.append(row)
    return Match(tuple(pairs), tuple(sorted(free)), tuple(spurious), tuple(ignored))


def match_cases(
    cases: Sequence[Case], *, min_iou: float = 0.5, min_score: float = 0.5
) -> list[MatchedCase]:
    """Match every case in which instances were annotated; the others are left out."""
    return [
        MatchedCase(
            case,
            match_instances(annotated(case), found(case), min_iou=min_iou, min_score=min_score),
        )
        for case in instance_cases(cases)
    ]
