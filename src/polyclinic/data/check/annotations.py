"""Faults between the rows of one image."""

from __future__ import annotations

from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, Place


def double_instances(cohort: Cohort) -> list[Finding]:
    """Objects of one class that one rater drew twice with the same box."""
    findings = []
    for sample in cohort.samples:
        seen: dict[tuple[object, ...], int | str | None] = {}
        for instance in sample.instances or ():
            key = (instance.category, instance.rater, *instance.box.tolist())
            if key in seen:
                findings.append(
                    Place(cohort.name, f"image {sample.image_id}").warning(
                        f"annotations {seen[key]} and {instance.id} have the same class and box",
                        "each object once",
                        "remove one of them",
                    )
                )
            seen.setdefault(key, instance.id)
    return findings
