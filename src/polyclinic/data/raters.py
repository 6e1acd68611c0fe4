"""What several raters of one image say, and which of it the reference is.

Masks of one object by three raters are one object, not three. Which of them readings are taught
and judged by is a decision about the data that nobody can guess: until it is stated, such data are
refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from polyclinic.data.cohort import Cohort
from polyclinic.data.majority import majority_of
from polyclinic.errors import ConfigError, DataError, nearest
from polyclinic.sample import Sample
from polyclinic.sample.sample import UNNAMED, drawn_by, label_names, raters_of, said_by

Kind = Literal["one", "majority", "each", "shared"]

FORMS = "one:RATER, majority, each or shared"
"""How a reference is written."""

_ONE = "one:"
_SHOWN = 4


@dataclass(frozen=True)
class Reference:
    """Which of several raters' annotations of an image count.

    Args:
        kind: `one`: those of a single rater, and nothing on images that he did not annotate;
            `majority`: what more than half of them say, see `majority_of`; `each`: those of every
            rater, one after the other, as samples of the same image and patient; `shared`: all of
            them, as different objects, for the raters shared the work.
        rater: whose, of `one`.
    """

    kind: Kind
    rater: str = ""

    @classmethod
    def parse(cls, text: str, where: str) -> Reference:
        """Read `one:RATER`, `majority`, `each` or `shared`.

        Raises:
            ConfigError: it is none of these.
        """
        if text.startswith(_ONE) and text.removeprefix(_ONE).strip():
            return cls("one", text.removeprefix(_ONE).strip())
        kinds: dict[str, Kind] = {"majority": "majority", "each": "each", "shared": "shared"}
        if text in kinds:
            return cls(kinds[text])
        raise ConfigError(f"the reference is {text!r}", expected=FORMS, where=where)

    def samples(self, sample: Sample) -> tuple[Sample, ...]:
        """The sample as it counts; several of them with `each`, in the order of the raters' names.

        An image of which no rater is named stays as it is, and so does one of a single rater unless
        it is the wrong one.
        """
        raters = raters_of(sample)
        if not raters or self.kind == "shared":
            return (sample,)
        if self.kind == "one":
            return (said_by(sample, self.rater),)
        if len(raters) == 1:
            return (sample,)
        if self.kind == "majority":
            return (majority_of(sample),)
        return tuple(said_by(sample, rater) for rater in raters)


def has_several(sample: Sample) -> bool:
    """Whether two raters looked for the objects of an image, or gave it one label."""
    given = [name for said in sample.raters.values() for name in said]
    return len(drawn_by(sample)) > 1 or len(given) > len(label_names(sample))


def settled(cohort: Cohort, reference: str | None, say: str) -> Cohort:
    """The data with what counts of several raters' annotations, as the reference says.

    With `each`, an image comes once a rater, one after the other and under one image id, so that a
    split keeps them together. `Cohort.digest` stays that of the data as they were opened.

    Args:
        cohort: as it was opened.
        reference: as `Reference.parse` reads it; None where nothing was stated.
        say: where it is stated, for messages, such as `--set data.reference=`.

    Raises:
        DataError: several raters annotated one image and nothing is stated, or the data have no
            rater of that name.
        ConfigError: the reference can't be read.
    """
    if reference is None:
        _refuse(cohort, say)
        return cohort
    chosen = Reference.parse(reference, say.strip())
    names = sorted({name for one in cohort.samples for name in raters_of(one)} - {UNNAMED})
    if not names:
        return cohort
    if chosen.kind == "one" and chosen.rater not in names:
        raise DataError(
            f"the data have no rater {chosen.rater!r}",
            expected=f"one of {', '.join(names)}",
            where=cohort.name,
            hint=nearest(chosen.rater, names),
        )
    samples = tuple(one for sample in cohort.samples for one in chosen.samples(sample))
    return replace(cohort, samples=samples, opened_digest=cohort.digest())


def images_once(cohort: Cohort) -> Cohort:
    """The data with one sample an image, where an image may stand there once a rater."""
    rows: dict[int | str, int] = {}
    for row, sample in enumerate(cohort.samples):
        rows.setdefault(sample.image_id, row)
    return cohort if len(rows) == len(cohort) else cohort.subset(rows.values())


def _refuse(cohort: Cohort, say: str) -> None:
    several = [one for one in cohort.samples if has_several(one)]
    if not several:
        return
    names = sorted({name or "nobody named" for one in several for name in raters_of(one)})
    raise DataError(
        f"{len(several)} of {len(cohort)} images were annotated by several raters "
        f"({_some(names)}): what they drew is one object for all of them, not one for each",
        expected="a statement of what the reference is",
        where=cohort.name,
        hint=f"type {say}one:{names[0]} (a single rater), {say}majority, {say}each (judged against "
        f"every rater), or {say}shared (each drew other objects)",
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
