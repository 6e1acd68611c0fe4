"""Speed and exactness in Markdown."""

from __future__ import annotations

from typing import Any

from bench.augmentation_speed_exactness import KINDS


def speed_tables(speeds: dict[str, Any]) -> list[str]:
    """With annotations, and of the image alone, in Markdown."""
    lines = []
    for kind in ("with annotations", "image alone"):
        lines += [
            "",
            f"| {kind} | images a second and core | time over ours, 5-95 % | on the clock |",
            "| --- | --: | --: | --: |",
        ]
        for name, one in speeds[kind].items():
            ratio, wall = one["core_seconds_over_ours"], one["wall_seconds_over_ours"]
            lines.append(
                f"| {name} | {one['images_per_core_second']:.1f} "
                f"| {ratio['median']:.2f} ({ratio['p5']:.2f}-{ratio['p95']:.2f}) "
                f"| {wall['median']:.2f} |"
            )
    return lines


def exactness_table(found: dict[str, Any]) -> list[str]:
    """Errors with the origin that suits each library, in Markdown."""
    lines = ["| median (most) px | transform | " + " | ".join(KINDS) + " | sides |"]
    lines.append("| --- | --- |" + " --: |" * (len(KINDS) + 1))
    for name, one in found.items():
        for transform, figures in one[one["best_origin"]].items():
            cells = [f"{figures[k]['median']:.3f} ({figures[k]['most']:.3f})" for k in KINDS]
            kept = figures.get("sides that keep their names", "")
            lines.append(f"| {name} | {transform} | {' | '.join(cells)} | {kept} |")
    return lines
