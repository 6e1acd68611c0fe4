"""An evaluation as a report."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from polyclinic.metrics.confusion import confusion
from polyclinic.metrics.detection import detection
from polyclinic.metrics.matching import MatchedCase, match_cases
from polyclinic.metrics.radial_error import radial_errors
from polyclinic.reading.draw import draw_pair
from polyclinic.recipes.evaluate import Evaluation
from polyclinic.recipes.load import recipe_of
from polyclinic.report.contents import (
    Command,
    Overlay,
    Plot,
    ReportContents,
    Run,
    Table,
    metric_table,
)
from polyclinic.report.measurements import measurement_summary
from polyclinic.report.names import spoken_name
from polyclinic.report.page import write_report
from polyclinic.report.plots import bland_altman, confusion_matrix, landmark_error_curves
from polyclinic.report.split import split_section
from polyclinic.tasks import Case

SHOWN = 8
"""Images in the gallery: the worst, the best and what lies between."""


def write_evaluation(evaluation: Evaluation, path: Path) -> Path:
    """Write `report.html` for a judged run."""
    recipe, config = recipe_of(evaluation.run)
    metrics = evaluation.judgement.metrics
    accepted = evaluation.accepted()
    readings = [reading for _, reading in accepted]
    by_name = {metric.name: metric for metric in metrics}
    legacy = [metric for metric in metrics if metric.name.startswith("legacy_")]
    tables = [metric_table("Figures", [m for m in metrics if m not in legacy])]
    if legacy:
        tables.append(
            metric_table(
                "As published",
                legacy,
                note="Quantities as the authors compute them, for comparison with their paper; "
                "the meaning says what each of them really is.",
            )
        )
    contents = ReportContents(
        title=f"{recipe.name}: {evaluation.cohort.name}, {evaluation.part} part",
        recipe=f"{recipe.name}: {recipe.source}",
        run=_run(evaluation, config),
        headline=tuple(by_name[name] for name in recipe.headline if name in by_name),
        tables=tuple(tables),
        plots=tuple(_plots(evaluation, recipe, config)),
        overlays=tuple(_gallery(evaluation, accepted)),
        split=None if evaluation.split is None else split_section(evaluation.split.audit),
        log=evaluation.run.read_log(),
        measurements=measurement_summary(readings),
        patients=_patients(recipe.measure_patients(readings, config)),
        commands=(
            Command(
                line=f"polyclinic read {evaluation.run.path} IMAGES --out readings",
                does="read other images",
            ),
            Command(
                line=f"polyclinic evaluate {evaluation.run.path} --data OTHER.coco.json",
                does="judge the reader on another data set",
            ),
        ),
    )
    return write_report(path, contents)


def _run(evaluation: Evaluation, config: Any) -> Run:
    provenance = evaluation.reader.provenance
    log = evaluation.run.read_log()
    return Run(
        versions=provenance["versions"],
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        seed=config.seed,
        data=evaluation.cohort.name,
        digest=evaluation.cohort.digest(),
        config=config.to_yaml(),
        seconds=log[-1].get("elapsed") if log else None,
        machine=f"{platform.machine()}, {os.cpu_count()} cores",
    )


def _plots(evaluation: Evaluation, recipe: Any, config: Any) -> list[Plot]:
    cases, accept = evaluation.judgement.cases, evaluation.reader.accept
    plots = [
        Plot(
            title=f"{pair.name[:1].upper()}{pair.name[1:]}: read against annotated",
            png=bland_altman(pair.found, pair.true, name=pair.name, unit=pair.unit),
            caption="Each point is one matched object; lines are bias and limits of agreement.",
        )
        for pair in recipe.agreements(cases, config, accept)
        if np.isfinite(pair.found - pair.true).any()
    ]
    matched = match_cases(cases, min_score=accept)
    if not matched:
        return plots
    if len(evaluation.reader.classes) > 1:
        table = confusion(matched)
        plots.append(
            Plot(
                title="Classes",
                png=confusion_matrix(table.classes, table.counts),
                caption="Rows are annotated, columns are read.",
            )
        )
    schema = evaluation.reader.landmark_schema
    if schema is not None:
        errors = radial_errors(matched, schema)
        if errors.labelled.any():
            plots.append(
                Plot(
                    title="Landmark error",
                    png=landmark_error_curves(errors.names, errors.px, errors.labelled, unit="px"),
                    caption="Share of annotated landmarks of matched instances within a distance.",
                )
            )
    return plots


def _gallery(evaluation: Evaluation, accepted: Sequence[Case]) -> list[Overlay]:
    """Annotated beside read, from the worst image to the best, evenly spread."""
    matched = match_cases(accepted, min_score=0.0) or []
    ranked = sorted(matched, key=_quality)
    places = np.unique(np.linspace(0, len(ranked) - 1, min(SHOWN, len(ranked))).round().astype(int))
    index = {sample.image_id: i for i, sample in enumerate(evaluation.cohort.samples)}
    overlays = []
    for place in places:
        sample, reading = ranked[place].case
        if reading.error is not None:
            continue
        loaded = evaluation.cohort.load(index[sample.image_id])
        overlays.append(
            Overlay(
                image=draw_pair(loaded.pixels, sample, reading),
                caption=f"{sample.image_id}, patient {sample.patient_id or 'unknown'}: "
                f"F1 {_quality(ranked[place]):.2f}, rank {place + 1} of {len(ranked)} from the "
                "worst. Left annotated, right read.",
            )
        )
    return overlays


def _quality(one: MatchedCase) -> float:
    f1 = detection([one]).f1
    return 1.0 if f1 is None else f1


def _patients(pooled: Any) -> Table | None:
    """One row a patient, one column a pooled quantity."""
    if not pooled:
        return None
    names = list(dict.fromkeys((m.name, m.unit) for rows in pooled.values() for m in rows))
    values = {p: {(m.name, m.unit): m.value for m in rows} for p, rows in pooled.items()}
    return Table(
        title="Patients",
        columns=(
            "patient",
            *(f"{spoken_name(n)} ({u})" if u != "1" else spoken_name(n) for n, u in names),
        ),
        rows=tuple((p, *(values[p].get(key) for key in names)) for p in sorted(values)),
        note="Means over the evaluable images of a patient; counts are sums.",
    )


def _heading(name: str, unit: str) -> str:
    return spoken_name(name) if unit in ("1", "count") else f"{spoken_name(name)} ({unit})"
