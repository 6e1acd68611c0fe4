"""Print stored results as Markdown tables: python bench/tables.py docs/results/*.json."""

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
    "landmark_error_median_frame",
    "apical_diameter_mae_frame",
    "apical_diameter_mae_um",
    "oks_ap",
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
    """Print a table a file."""
    for name in sys.argv[1:]:
        result = json.loads(Path(name).read_text("utf-8"))
        print(f"### {Path(name).stem}: {result['images']} images, {result['part']} part\n")
        print(table(result) + "\n")


if __name__ == "__main__":
    main()
