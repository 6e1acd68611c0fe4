"""Say what will be trained on what."""

from __future__ import annotations

from rich.console import Console

from polyclinic.data import Cohort, Split
from polyclinic.data.grey import CohortGrey
from polyclinic.recipes.assemble import Assembly


def introduce_data(console: Console, cohort: Cohort) -> None:
    """Say what of the data is not used."""
    for finding in cohort.skipped[:3]:
        console.print(f"[yellow]note[/] {finding}")
    if len(cohort.skipped) > 3:
        console.print(
            f"[yellow]note[/] {len(cohort.skipped)} rows are not used; "
            "[bold]polyclinic check[/] lists them"
        )


def introduce_tasks(console: Console, assembly: Assembly) -> None:
    """Say which tasks the data can teach."""
    console.print(f"tasks: {', '.join(assembly.network.tasks)}")
    for line in assembly.left_out:
        console.print(f"[yellow]left out[/] {line}")


def introduce_split(console: Console, cohort: Cohort, split: Split) -> None:
    """Say how many images are for what, and what may leak between the parts."""
    patients, images = split.audit.patients, split.audit.images
    console.print(
        f"[bold]{cohort.name}[/]: "
        + ", ".join(f"{images[part]} images of {patients[part]} patients {part}" for part in images)
    )
    if isinstance(cohort.grey, CohortGrey):
        for kind, scale in cohort.grey.scales.items():
            console.print(f"grey of {kind}: {scale.black:g} black, {scale.white:g} white")
    if split.audit.message:
        console.print(f"[yellow]note[/] {split.audit.message}")
    for pair in split.audit.near_duplicates[:3]:
        console.print(
            f"[yellow]note[/] image {pair.first} ({pair.first_part}) looks the same as "
            f"{pair.second} ({pair.second_part})"
        )
