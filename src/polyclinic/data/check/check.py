"""All that is to be said about a data set, without stopping at the first fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from polyclinic.data.check.annotations import box_outlines, double_instances, label_findings
from polyclinic.data.check.counts import count_findings
from polyclinic.data.check.duplicates import duplicate_findings, partner_findings
from polyclinic.data.check.files import inspect_files
from polyclinic.data.check.opened import open_leniently
from polyclinic.data.check.raters import rater_findings
from polyclinic.data.check.shown import (
    doubt_findings,
    grey_findings,
    grey_table,
    shown_table,
    spacing_findings,
)
from polyclinic.data.check.summary import summary_tables
from polyclinic.data.findings import Finding, Severity

FAMILIES = (
    double_instances,
    box_outlines,
    partner_findings,
    spacing_findings,
    count_findings,
    label_findings,
    grey_findings,
    rater_findings,
)
"""What is asked of a cohort once it is open."""

SHOWN = "how files are shown"
"""Title of the table of what was done to them; there is none where they leave no choice."""

Table = Mapping[str, Mapping[str, int | float | str]]


@dataclass(frozen=True, kw_only=True)
class CohortCheck:
    """Findings on a data set, worst first, and tables of what it holds.

    Args:
        findings: errors, then warnings, then notes.
        tables: {title: {row: {column: value}}}.
    """

    findings: tuple[Finding, ...]
    tables: Mapping[str, Table]

    def count(self, severity: Severity) -> int:
        """Number of findings of one severity."""
        return sum(finding.severity == severity for finding in self.findings)


def check_cohort(path: str | Path) -> CohortCheck:
    """Read a data set whole: structure, rows, image files, look-alikes, scale, counts.

    Every image is decoded once. Nothing is raised for a fault of the data.
    """
    cohort, findings = open_leniently(Path(path))
    if cohort is None:
        return CohortCheck(findings=_worst_first(findings), tables={})
    cohort = cohort.with_grey(range(len(cohort)))
    images, unreadable = inspect_files(cohort)
    findings += unreadable
    for family in FAMILIES:
        findings += family(cohort)
    findings += [*doubt_findings(cohort, images), *duplicate_findings(cohort, images)]
    shown = shown_table(images)
    tables = {
        **summary_tables(cohort, compared=len(images)),
        "grey scale": grey_table(cohort),
        **({SHOWN: shown} if shown else {}),
    }
    return CohortCheck(findings=_worst_first(findings), tables=tables)


def _worst_first(findings: list[Finding]) -> tuple[Finding, ...]:
    order: tuple[Severity, ...] = ("error", "warning", "note")
    return tuple(sorted(findings, key=lambda finding: order.index(finding.severity)))
