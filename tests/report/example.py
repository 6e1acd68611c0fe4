"""A report's contents as a real run would give them, with made-up figures."""

from __future__ import annotations

import numpy as np

from polyclinic.data.audit import Audit, NearDuplicate
from polyclinic.metrics.figure import Metric
from polyclinic.reading.draw import draw_pair
from polyclinic.report import (
    Command,
    Overlay,
    Plot,
    ReportContents,
    Run,
    Table,
    measurement_summary,
    metric_table,
    split_section,
)
from polyclinic.report.plots import bland_altman, confusion_matrix, landmark_error_curves
from tests.reading.hairpins import CLASSES, SCHEMA, paint_hairpins

AUDIT = Audit(
    message=None,
    patients={"train": 28, "validation": 6, "test": 6},
    images={"train": 112, "validation": 24, "test": 24},
    class_counts={
        "train": {"normal": 812, "blur": 90, "haemorrhage": 74, "abnormal": 201, "aggregation": 33},
        "validation": {"normal": 170, "blur": 21, "haemorrhage": 12, "abnormal": 44},
        "test": {"normal": 181, "blur": 18, "haemorrhage": 15, "abnormal": 39, "aggregation": 7},
    },
    strata={
        "train": {"normal": 12, "early": 8, "active": 8},
        "validation": {"normal": 3, "early": 2, "active": 1},
        "test": {"normal": 3, "early": 1, "active": 2},
    },
    shared_patients=(),
    near_duplicates=(
        NearDuplicate(
            first=17, first_part="train", second=133, second_part="test", differing_bits=3
        ),
    ),
    hashed=160,
)
HEADLINE = (
    Metric(name="instance_f1", value=0.9431, lower=0.921, upper=0.961, baseline=0.0, cases=260,
           meaning="capillaries found and found only once, mask IoU at least 0.5"),
    Metric(name="class_accuracy", value=0.913, lower=0.87, upper=0.95, baseline=0.696, cases=241,
           meaning="right class among matched capillaries"),
    Metric(name="landmark_error_median", value=1.12, unit="px", lower=1.02, upper=1.27, cases=1840,
           meaning="distance of found from annotated landmarks"),
    Metric(name="apical_diameter_mae", value=1.94, unit="um", lower=1.7, upper=2.2, baseline=4.81,
           cases=212, meaning="mean absolute error of the apical diameter"),
    Metric(name="abnormal_sensitivity", value=None, meaning="images with an abnormal capillary",
           note="no abnormal image in the test part"),
)  # fmt: skip


def fake_log(steps: int = 400) -> list[dict[str, object]]:
    """Rows as the training loop logs them."""
    rng = np.random.default_rng(5)
    names = ("objectness", "rpn_box", "class", "box", "mask", "landmarks")
    rows: list[dict[str, object]] = []
    for step in range(steps):
        fall = np.exp(-step / 120)
        losses = {}
        for place, name in enumerate(names):
            raw = (0.2 + place * 0.3) * (0.15 + fall) * rng.lognormal(0, 0.15)
            s = -0.002 * step * (1 + place / 4) * (1 - step / 900)
            weighted = 0.5 * np.exp(-s) * raw + 0.5 * s
            losses[name] = {"raw": raw, "weighted": weighted, "s": s}
        rows.append(
            {
                "step": step,
                "loss": sum(part["weighted"] for part in losses.values()),
                "lr": 3e-4 * min(1, (step + 1) / 40) * 0.5 * (1 + np.cos(np.pi * step / steps)),
                "images_per_s": 6.4 + rng.normal(0, 0.3),
                "losses": losses,
            }
        )
    return rows


def example_contents() -> ReportContents:
    """All sections filled."""
    rng = np.random.default_rng(0)
    true = rng.lognormal(2.7, 0.35, 212)
    found = true + rng.normal(0.4, 1.9, 212)
    painted = [paint_hairpins((384, 512), 7, seed) for seed in range(3)]
    readings = [reading for *_, reading in painted]
    counts = np.array(
        [[168, 2, 0, 4, 0, 7], [3, 11, 0, 1, 0, 3], [0, 1, 13, 0, 0, 1],
         [5, 0, 0, 31, 1, 2], [0, 0, 0, 2, 4, 1], [6, 2, 1, 3, 0, 0]]
    )  # fmt: skip
    errors = rng.gamma(2.2, 0.55, (230, 8)) * np.linspace(0.8, 1.5, 8)
    labelled = rng.random(errors.shape) > 0.03
    errors[~labelled | (rng.random(errors.shape) < 0.02)] = np.nan
    return ReportContents(
        title="Nailfold reader on held-out patients",
        recipe="nailfold (small)",
        run=Run(
            versions={"polyclinic": "0.1.0", "python": "3.11.9", "torch": "2.14.1",
                      "torchvision": "0.29.2", "timm": "1.0.31", "numpy": "2.4.6"},
            date="2026-11-21 07:40 UTC",
            seed=7,
            data="phantom cohort, 40 patients, 160 images",
            digest="sha256:9f2c4b1ae0c7d5513f6a",
            config="seed: 7\npreset: small\nmodel:\n  encoder: resnet18\n  size: [288, 384]\n"
            "train:\n  steps: 400\n  max_minutes: 4.0\n  batch_size: 4\n  lr: 0.0003\n"
            "balance:\n  kind: uncertainty\n",
            seconds=231.4,
            machine="2 CPU cores",
        ),
        headline=HEADLINE,
        tables=(
            metric_table(
                "Instances and classes",
                HEADLINE,
                note="Intervals: bootstrap over patients, 1000 draws.",
            ),
            Table(
                title="Landmark errors",
                columns=("landmark", "labelled", "missing", "median (px)", "95th (px)"),
                rows=tuple(
                    (name, 212 - place, place, 0.91 + 0.05 * place, 3.0 + place / 7)
                    for place, name in enumerate(SCHEMA.names)
                ),
            ),
        ),
        plots=(
            Plot(
                title="Apical diameter, found against annotated",
                png=bland_altman(found, true, name="Apical diameter", unit="µm"),
                caption="Bias and 95 % limits of agreement over matched capillaries.",
            ),
            Plot(
                title="Classes",
                png=confusion_matrix(CLASSES, counts),
                caption="Shaded by the share of the annotated class.",
            ),
            Plot(
                title="Landmarks",
                png=landmark_error_curves(SCHEMA.names, errors, labelled, unit="px"),
                caption="Share of annotated landmarks within a distance; medians in brackets.",
            ),
        ),
        overlays=tuple(
            Overlay(
                image=draw_pair(image, sample, reading),
                caption=f"{sample.file}, patient {sample.patient_id}: F1 0.92, one loop missed.",
            )
            for image, sample, reading in painted
        ),
        split=split_section(AUDIT),
        log=fake_log(),
        measurements=measurement_summary(readings),
        patients=Table(
            title="",
            columns=("patient", "images", "loops", "density (1/mm)", "apical (µm)", "pattern"),
            rows=(
                ("P03", 4, 41, 8.1, 13.9, "normal"),
                ("P11", 4, 36, 7.2, 21.4, "early"),
                ("P29", 4, 19, None, 34.8, "active"),
            ),
        ),
        commands=(
            Command(line="polyclinic read runs/demo finger.jpg --out out", does="read new images"),
            Command(line="polyclinic fit nailfold --data mine.coco.json --out runs/mine",
                    does="train on your own annotations"),
        ),
    )  # fmt: skip
