"""How files were shown, where they leave a choice, and what is doubtful in that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from polyclinic.data.check.files import InspectedImage
from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, Place

MOST_WAYS = 6
"""Ways of one step, such as windows, that are listed one by one."""

_NAMED = 3


def doubt_findings(cohort: Cohort, images: Sequence[InspectedImage]) -> list[Finding]:
    """A warning for each doubt that files raise, with the images it concerns."""
    of_doubt: defaultdict[str, list[int]] = defaultdict(list)
    for image in images:
        for doubt in image.doubts:
            of_doubt[doubt].append(image.index)
    return [
        Place(cohort.name).warning(
            f"{len(rows)} of {len(cohort)} images: {doubt}: {_names(cohort, rows)}",
            hint="a reading of such an image is flagged",
        )
        for doubt, rows in of_doubt.items()
    ]


def shown_table(images: Sequence[InspectedImage]) -> Mapping[str, Mapping[str, int]]:
    """{step: {"images": number}}; a step with many ways, such as a window each, is one row."""
    counts: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for image in images:
        for step in image.steps:
            counts[step.partition(":")[0]][step] += 1
    table: dict[str, dict[str, int]] = {}
    for kind, ways in counts.items():
        if len(ways) > MOST_WAYS:
            ways = defaultdict(int, {f"{kind}: {len(ways)} ways": sum(ways.values())})
        table |= {way: {"images": number} for way, number in ways.items()}
    return table


def _names(cohort: Cohort, rows: Sequence[int]) -> str:
    named = ", ".join(str(cohort.samples[row].image_id) for row in rows[:_NAMED])
    return f"{named}, ..." if len(rows) > _NAMED else named
