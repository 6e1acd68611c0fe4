"""Gather what the report of an evaluation shows."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.report.contents import Command, Message, ReportContents, Run, Split
from polyclinic.report.evaluation.gallery import gallery
from polyclinic.report.evaluation.pictures import plots
from polyclinic.report.evaluation.restored import restored_panels
from polyclinic.report.evaluation.stress import stress_section
from polyclinic.report.evaluation.tables import (
    case_rows,
    comparison_table,
    figure_tables,
    flow_table,
    fold_table,
    patient_table,
    subgroup_tables,
)
from polyclinic.report.measurements import measurement_summary
from polyclinic.report.page import write_report
from polyclinic.report.split import split_section

MOST_LEAKS = 20


def write_evaluation(evaluation: Evaluation, path: Path) -> Path:
    """Write `report.html` for a judged run, a cross-validation or stored readings."""
    subject = evaluation.subject
    readings = [reading for _, reading in evaluation.reported]
    contents = ReportContents(
        title=f"{subject.name}: {evaluation.cohort.name}, {_part(evaluation)}",
        recipe=_recipe(evaluation),
        run=_run(evaluation),
        headline=tuple(evaluation.headline()),
        comparison=comparison_table(evaluation),
        tables=(flow_table(evaluation), *figure_tables(evaluation)),
        folds=fold_table(evaluation),
        subgroups=tuple(subgroup_tables(evaluation)),
        stress=stress_section(evaluation),
        plots=tuple(plots(evaluation)),
        overlays=tuple(gallery(evaluation)),
        restored=tuple(restored_panels(evaluation)),
        split=_split(evaluation),
        log=subject.log,
        measurements=measurement_summary(readings),
        patients=patient_table(evaluation),
        cases=case_rows(evaluation),
        commands=_commands(evaluation),
    )
    return write_report(path, contents)


def _part(evaluation: Evaluation) -> str:
    if evaluation.subject.folds is not None:
        return "out-of-fold readings"
    part = evaluation.subject.part
    return "all images" if part == "all" else f"{part} part"


def _recipe(evaluation: Evaluation) -> str:
    recipe = evaluation.subject.recipe
    return "stored readings" if recipe is None else f"{recipe.name}: {recipe.source}"


def _run(evaluation: Evaluation) -> Run:
    subject = evaluation.subject
    config, log = subject.config, subject.log
    return Run(
        versions=subject.provenance.get("versions", {}),
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        seed=None if config is None else config.seed,
        data=evaluation.cohort.name,
        digest="" if subject.recipe is None else evaluation.cohort.digest(),
        config="" if config is None else config.to_yaml(),
        seconds=log[-1].get("elapsed") if log else None,
        machine=f"{platform.machine()}, {os.cpu_count()} cores",
    )


def _split(evaluation: Evaluation) -> Split | None:
    split = evaluation.subject.split
    section = None if split is None else split_section(split.audit)
    leaks, compared = evaluation.leaks, evaluation.looked_at
    if not leaks and (section is not None or compared is None):
        return section
    messages = [Message(f"In the training: {leak}.", "warning") for leak in leaks[:MOST_LEAKS]]
    if len(leaks) > MOST_LEAKS:
        messages.append(Message(f"{len(leaks) - MOST_LEAKS} more such images.", "warning"))
    if section is None:
        if compared is not None:
            said = f"{compared} of {len(evaluation.reported)} images were compared by look"
            ending = "." if leaks else "; none of them, and no patient, is known to the training."
            messages.append(Message(said + ending))
        return Split(table=None, messages=tuple(messages))
    return Split(table=section.table, messages=(*messages, *section.messages))


def _commands(evaluation: Evaluation) -> tuple[Command, ...]:
    if evaluation.subject.recipe is None:
        return ()
    path = evaluation.subject.path
    return (
        Command(line=f"polyclinic read {path} IMAGES --out readings", does="read other images"),
        Command(
            line=f"polyclinic evaluate {path} --data OTHER.coco.json",
            does="judge the reader on another data set",
        ),
        Command(
            line=f"polyclinic evaluate {path} OTHER_RUN --data {evaluation.cohort.name}",
            does="set another reader beside it, on the same cases",
        ),
    )
