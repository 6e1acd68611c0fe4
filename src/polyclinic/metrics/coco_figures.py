"""COCO average precision and recall as figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from polyclinic.metrics.case import Case
from polyclinic.metrics.coco_ap import instance_classes
from polyclinic.metrics.detect.coco_matches import MAX_FOUND, CocoMatches, coco_matches
from polyclinic.metrics.detect.objects import AREAS, Kind
from polyclinic.metrics.detect.precision import average_recall, mean_average_precision
from polyclinic.metrics.detect.ranked import annotated_counts, ranked_classes
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.oks import sigma_text
from polyclinic.schema import LandmarkSchema

NAMES: dict[Kind, tuple[str, str]] = {
    "box": ("box", "boxes"),
    "mask": ("mask", "masks"),
    "landmarks": ("oks", "landmarks (OKS)"),
}


def average_precision_figures(
    cases: Sequence[Case], kind: Kind, schema: LandmarkSchema | None = None
) -> list[Figure]:
    """The AP family of all candidates; nothing where no instance of the kind is annotated.

    AP over overlaps 0.50 ... 0.95, at 0.50 and at 0.75. For boxes and masks also AP of small,
    medium and large instances, where there are any, and AR of 1, 10 and 100 finds. Every find
    counts; where an image holds more of a class than COCO's own evaluation looks at, AP by that
    rule stands beside, as `..._ap_maxdets100`, and AR of all finds.

    Args:
        cases: N samples with readings that hold every candidate.
        kind: box, mask or landmarks.
        schema: needed for landmarks.

    Raises:
        DataError: landmarks have no schema.
    """
    classes = len(instance_classes(cases))
    matches = coco_matches(cases, kind, classes, schema)
    if not matches.to_find[0].any():
        return []
    shown = partial(_precision, matches, kind, setting=_setting(matches, kind, schema))
    overlaps = [shown(at=at) for at in ("", "50", "75")]
    if matches.most > (limit := MAX_FOUND[kind]):
        by_rule = coco_matches(cases, kind, classes, schema, most=limit)
        overlaps.append(
            replace(
                _precision(by_rule, kind, setting=f"the surest {limit} finds an image and class"),
                name=f"{NAMES[kind][0]}_ap_maxdets{limit}",
            )
        )
    if kind == "landmarks":
        return overlaps
    sizes = [
        shown(area=area)
        for area, some in zip(AREAS, matches.to_find, strict=True)
        if area != "all" and some.any()
    ]
    return [*overlaps, *sizes, *_recalls(matches, kind)]


def _setting(matches: CocoMatches, kind: Kind, schema: LandmarkSchema | None) -> str:
    """Which finds count, and what the overlap relates to."""
    finds = f"all finds, up to {matches.most} an image and class"
    if kind != "landmarks" or schema is None:
        return finds
    return f"{finds}; {sigma_text(schema)}"


def _precision(
    matches: CocoMatches, kind: Kind, *, setting: str, at: str = "", area: str = "all"
) -> Figure:
    name, what = NAMES[kind]
    overlap = f"0.{at}" if at else "0.50 to 0.95"
    size = "" if area == "all" else f"; {area} instances: {_spoken(*AREAS[area])}"
    return Figure(
        name=f"{name}_ap{at}" if area == "all" else f"{name}_ap_{area}",
        weighted=partial(
            mean_average_precision, list(ranked_classes(matches, at=at, area=area).values())
        ),
        meaning=f"COCO average precision of {what}, overlap {overlap}{size}",
        group="landmarks" if kind == "landmarks" else "instances",
        better="higher",
        counts=annotated_counts(matches, area).sum(0),
        setting=setting,
    )


def _recalls(matches: CocoMatches, kind: Kind) -> Iterator[Figure]:
    name, what = NAMES[kind]
    every = matches.most
    wanted = {"1": 1, "10": 10, "100": 100} | ({"_all": every} if every > 100 else {})
    for suffix, most in wanted.items():
        yield Figure(
            name=f"{name}_ar{suffix}",
            weighted=average_recall(matches, most),
            meaning=f"COCO average recall of {what}, {most} finds an image and class",
            group="instances",
            better="higher",
            counts=annotated_counts(matches, "all").sum(0),
        )


def _spoken(low: float, high: float) -> str:
    if low == 0:
        return f"to {high**0.5:.0f} squared px"
    if high == AREAS["all"][1]:
        return f"from {low**0.5:.0f} squared px"
    return f"{low**0.5:.0f} to {high**0.5:.0f} squared px"
