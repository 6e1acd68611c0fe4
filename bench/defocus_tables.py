"""Stored figures of restoration and quality as Markdown tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def tables(result: Mapping[str, Any]) -> str:
    """Restoration and quality of the stacks, then the pairs."""
    stacks, pairs = result["stacks"], result["pairs"]
    return "\n\n".join(
        (
            _table(
                ["restored fields", "PSNR, dB", "SSIM"],
                [
                    [_name(one), shown(one["psnr"], 2), shown(one["ssim"], 3)]
                    for one in (*stacks["methods"], *stacks["differences"])
                ],
            ),
            _by_level(stacks["methods"]),
            _table(
                ["quality", "SRCC", "SRCC within a field"],
                [
                    [
                        _name(one),
                        shown(one["srcc"], 3),
                        shown(one["srcc_within_fields"], 3) if "srcc_within_fields" in one else "",
                    ]
                    for one in (*stacks["quality"]["readers"], *stacks["quality"]["differences"])
                ],
            ),
            _pairs(pairs["images"]),
        )
    )


def verdict(stacks: Mapping[str, Any], ours: str) -> str:
    """Who wins in PSNR on the held-out fields, a line each."""
    lines = []
    for one in stacks["differences"]:
        other = one["of"].removeprefix(f"{ours} less ")
        lower, upper = one["psnr"]["lower"], one["psnr"]["upper"]
        if lower is None or lower <= 0 <= upper:
            lines.append(f"PSNR of {ours} and {other}: no difference can be told")
        else:
            better, worse = (ours, other) if lower > 0 else (other, ours)
            lines.append(f"PSNR: {better} wins over {worse}")
    return "\n".join(lines)


def _by_level(methods: Sequence[Mapping[str, Any]]) -> str:
    levels = list(methods[0]["psnr_by_level"])
    rows = [
        [one["name"], *(f"{one['psnr_by_level'][level]:.2f}" for level in levels)]
        for one in methods
    ]
    return _table(["PSNR, dB, by micrometres out of focus", *levels], rows)


def _pairs(images: Sequence[Mapping[str, Any]]) -> str:
    names = [name for name in images[0] if name != "image"]
    rows = [
        [
            one["image"],
            *(f"{one[name]['psnr']:.2f} / {one[name]['ssim']:.3f}" for name in names),
        ]
        for one in images
    ]
    return _table(["pair, PSNR / SSIM", *names], rows)


def shown(figure: Mapping[str, Any], digits: int) -> str:
    """Value and interval."""
    value, lower, upper = (figure[key] for key in ("value", "lower", "upper"))
    if value is None:
        return ""
    ends = "" if lower is None else f" ({lower:.{digits}f} to {upper:.{digits}f})"
    return f"{value:.{digits}f}{ends}"


def _name(one: Mapping[str, Any]) -> str:
    return str(one["name"] if "name" in one else one["of"])


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    ruled = ["---", *["--:"] * (len(heads) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (heads, ruled, *rows))
