"""Who annotated an image, and what one of several raters said of it."""

from __future__ import annotations

from dataclasses import replace

from polyclinic.sample.sample import Sample

UNNAMED = ""
"""Stands for whoever drew the objects that name no rater, beside others that do."""


def drawn_by(sample: Sample) -> tuple[str, ...]:
    """Who looked for objects, by name: everybody that some bear, and who found none.

    A rater under `Sample.raters` of whom no label is known looked for objects. Nobody, where no
    object names a rater and none is listed.
    """
    if sample.instances is None:
        return ()
    listed = {name for name, said in sample.raters.items() if not said}
    found = {one.rater or UNNAMED for one in sample.instances if not one.crowd}
    named = listed | found
    return tuple(sorted(named)) if named - {UNNAMED} else ()


def raters_of(sample: Sample) -> tuple[str, ...]:
    """Everybody who said anything of an image, by name."""
    return tuple(sorted({*drawn_by(sample), *sample.raters}))


def label_names(sample: Sample) -> set[str]:
    """The labels of the whole image that raters gave by name."""
    return {name for said in sample.raters.values() for name in said}


def said_by(sample: Sample, rater: str) -> Sample:
    """What one rater says of an image: nothing but what nobody signed, where he said nothing."""
    instances = sample.instances
    if instances is not None and drawn_by(sample):
        own = tuple(one for one in instances if (one.rater or UNNAMED) == rater)
        instances = own if rater in drawn_by(sample) else None
    said = sample.raters.get(rater, {})
    named = label_names(sample)
    unsigned = {name: value for name, value in sample.labels.items() if name not in named}
    return replace(
        sample,
        instances=instances,
        labels=unsigned | dict(said),
        raters={rater: said} if rater in raters_of(sample) else {},
    )
