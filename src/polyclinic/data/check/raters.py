"""Who annotated, and how far several raters of one image agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, Place
from polyclinic.data.outlines import united
from polyclinic.data.raters import FORMS, has_several
from polyclinic.sample import Mask, Sample
from polyclinic.sample.sample import UNNAMED, drawn_by, raters_of, said_by

Table = dict[str, dict[str, int | float | str]]


@dataclass
class _Pairs:
    """What one rater said beside all others of the same images."""

    dice: list[float] = field(default_factory=list)
    labels: list[bool] = field(default_factory=list)


def rater_findings(cohort: Cohort) -> list[Finding]:
    """A note where several raters annotated one image, for training and judging will ask."""
    several = [one for one in cohort.samples if has_several(one)]
    if not several:
        return []
    named = sorted({name or "nobody named" for one in several for name in raters_of(one)})
    return [
        Place(cohort.name).note(
            f"{len(several)} of {len(cohort)} images were annotated by several raters: "
            + ", ".join(named),
            hint=f"state what counts: --set data.reference= or --reference, {FORMS}",
        )
    ]


def rater_table(cohort: Cohort) -> Table:
    """A row a rater: images, objects, and agreement with the others of the same images.

    The Dice is of all that each drew on an image together, mean over images and other raters;
    where neither drew anything they agree and nothing is counted.
    """
    images: Counter[str] = Counter()
    objects: Counter[str] = Counter()
    pairs: defaultdict[str, _Pairs] = defaultdict(_Pairs)
    for sample in cohort.samples:
        images.update(raters_of(sample))
        if drawn_by(sample):
            objects.update(one.rater or UNNAMED for one in sample.instances or ())
        for names, shared in _overlaps(sample):
            for name in names:
                pairs[name].dice.append(shared)
        for first, second in combinations(sorted(sample.raters), 2):
            said, other = sample.raters[first], sample.raters[second]
            same = [said[label] == other[label] for label in said if label in other]
            pairs[first].labels += same
            pairs[second].labels += same
    table: Table = {}
    for name in sorted(images):
        row: dict[str, int | float | str] = {"images": images[name], "objects": objects[name]}
        if pairs[name].dice:
            row["Dice with others"] = round(sum(pairs[name].dice) / len(pairs[name].dice), 3)
        if pairs[name].labels:
            row["same labels"] = round(sum(pairs[name].labels) / len(pairs[name].labels), 3)
        table[name or "nobody named"] = row
    return table


def _overlaps(sample: Sample) -> Iterator[tuple[tuple[str, str], float]]:
    """The Dice of each two raters of an image who drew masks alone."""
    drawn: dict[str, Mask | None] = {}
    for name in drawn_by(sample):
        found = said_by(sample, name).instances or ()
        masks = [one.mask for one in found if one.mask is not None]
        if len(masks) == len(found):
            drawn[name] = united(masks) if masks else None
    for (first, one), (second, other) in combinations(drawn.items(), 2):
        if one is None and other is None:
            continue
        shared = 0 if one is None or other is None else one.intersection(other)
        total = sum(mask.area for mask in (one, other) if mask is not None)
        yield (first, second), 2 * shared / total
