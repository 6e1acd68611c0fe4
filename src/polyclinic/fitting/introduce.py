"""Say what will be trained on what."""

from __future__ import annotations

from rich.console import Console

from polyclinic.console import note, styled
from polyclinic.data import Cohort, Split
from polyclinic.data.grey import CohortGrey
from polyclinic.recipes.assemble import Assembly


def introduce_data(console: Console, cohort: Cohort) -> None:
    """Say what of the data is not used."""
    for finding in cohort.skipped[:3]:
        console.print(note(str(finding)))
    if len(cohort.skipped) > 3:
        console.print(note(f"{len(cohort.skipped)} rows are not used; polyclinic check lists them"))


def introduce_tasks(console: Console, assembly: Assembly) -> None:
    """Say which tasks the data can teach."""
    console.print(styled(f"tasks: {', '.join(assembly.network.tasks)}"))
    for line in assembly.left_out:
        console.print(styled(("left out", "yellow"), f" {line}"))


def introduce_split(console: Console, cohort: Cohort, split: Split) -> None:
    """Say how many images are for what, and what may leak between the parts."""
    patients, images = split.audit.patients, split.audit.images
    sizes = (f"{images[part]} images of {patients[part]} patients {part}" for part in images)
    console.print(styled((cohort.name, "bold"), f": {', '.join(sizes)}"))
    if isinstance(cohort.grey, CohortGrey):
        for kind, scale in cohort.grey.scales.items():
            console.print(f"grey of {kind}: {scale.black:g} black, {scale.white:g} white")
    if split.audit.message:
        console.print(note(split.audit.message))
    for pair in split.audit.near_duplicates[:3]:
        said = (
            f"image {pair.first} ({pair.first_part}) looks the same as "
            f"{pair.second} ({pair.second_part})"
        )
        console.print(note(said))
