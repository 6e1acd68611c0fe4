"""Print stored evaluations as Markdown tables: python bench/tables.py docs/results/*.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SHOWN = (
    "instance_f1",
    "class_accuracy",
    "box_ap50",
    "box_ap",
    "mask_ap50",
    "mask_ap",
    "mask_dice",
    "mask_nsd_1mm",
    "mask_hd95_mm",
    "mask_surface_distance_mm",
    "landmark_error_median_frame",
    "oks_ap",
    *(f"knee_pck_{mm}mm" for mm in ("1", "1.5", "2", "2.5")),
    "knee_error_median_mm",
    "knee_error_mean_mm",
    "knee_error_p95_mm",
    "knee_outliers_10mm",
    *(f"knee_kl{grade}_pck_2mm" for grade in range(5)),
    "native_knees_found",
    "implants_recognised",
    "absent_knees_found",
    "legacy_recall_2mm",
    "legacy_recall_2mm_spread",
    "apical_diameter_mae_frame",
    *(
        f"{quantity}_{suffix}"
        for quantity in (
            *("apical_diameter", "head_circumference"),
            *("medial_joint_space_min", "lateral_joint_space_min", "tibial_width"),
        )
        for suffix in (
            *("mae", "bias", "lower_limit", "upper_limit", "icc"),
            *("coverage", "interval_width"),
        )
    ),
    "abnormal_sensitivity",
    "abnormal_specificity",
    "legacy_classification_accuracy",
    "legacy_segmentation_sensitivity",
    "legacy_mae_of_avg_apical",
)


def table(result: dict[str, Any]) -> str:
    """One result as a table of the figures that matter most."""
    by_name = {metric["name"]: metric for metric in result["metrics"]}
    rows = [
        "| figure | value | 95 % interval | baseline | unit |",
        "| --- | --: | :-: | --: | --- |",
    ]
    for name in SHOWN:
        one = by_name.get(name)
        if one is not None and one["value"] is not None:
            interval = "" if one["lower"] is None else f"{one['lower']:.3f} to {one['upper']:.3f}"
            baseline = "" if one["baseline"] is None else f"{one['baseline']:.3f}"
            unit = {"1": "", "um": "µm"}.get(one["unit"], one["unit"])
            rows.append(f"| `{name}` | {one['value']:.3f} | {interval} | {baseline} | {unit} |")
    return "\n".join(rows)


def main() -> None:
    """Print a table a file; results that are no evaluation print tables of their own."""
    for name in sys.argv[1:]:
        result = json.loads(Path(name).read_text("utf-8"))
        if "metrics" not in result:
            continue
        patients = f" of {result['patients']} patients" if "patients" in result else ""
        print(
            f"### {Path(name).stem}: {result['images']} images{patients}, {result['part']} part\n"
        )
        print(table(result) + "\n")


if __name__ == "__main__":
    main()
