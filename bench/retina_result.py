"""What is stored and printed of several readers of grades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from polyclinic.evaluation.compare import Difference, differences
from polyclinic.evaluation.judging import with_intervals
from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.metrics.case import Case
from polyclinic.metrics.judges import judge_kinds

LABEL = "dr_grade"
FIGURES = {
    "quadratic_kappa": "quadratic kappa",
    "accuracy": "accuracy",
    "macro_auc": "macro AUC",
    "grade_error": "mean error, grades",
}
KAPPA = f"{LABEL}_quadratic_kappa"


def judged(readers: Mapping[str, Sequence[Case]], ours: str) -> dict[str, Any]:
    """Figures of each reader, of ours less each other, and what follows for kappa.

    Intervals are those of `polyclinic evaluate`; differences have the same draws of images on
    both sides.

    Args:
        readers: cases of the same images in the same order.
        ours: name of the reader that the others are compared with.
    """
    figures = {name: judge_kinds(cases, 0.5) for name, cases in readers.items()}
    patients = patient_rows([sample for sample, _ in readers[ours]])
    others = [name for name in readers if name != ours]
    less = {
        name: {one.name: one for one in differences(figures[name], figures[ours], patients)}
        for name in others
    }
    return {
        "interval": "95 %, test images drawn; not for new trainings",
        "readers": [
            {
                "name": name,
                **{one.name: _rounded(vars(one)) for one in with_intervals(each, patients)},
            }
            for name, each in figures.items()
        ],
        "differences": [
            {
                "of": f"{ours} less {name}",
                **{
                    key: {**_rounded(vars(one)), "value": _round(one.difference)}
                    for key, one in each.items()
                },
            }
            for name, each in less.items()
        ],
        "verdict": " ".join(_verdict(ours, name, less[name][KAPPA]) for name in others),
        "answers": [
            {
                "image": str(sample.image_id),
                "grade": sample.labels[LABEL],
                **{name: _likeliest(cases[row]) for name, cases in readers.items()},
            }
            for row, (sample, _) in enumerate(readers[ours])
        ],
    }


def table(result: Mapping[str, Any]) -> str:
    """A row a reader and one a difference, as Markdown."""
    heads = ["reader", *FIGURES.values()]
    rows = [
        [one.get("name", one.get("of")), *(_shown(one[f"{LABEL}_{key}"]) for key in FIGURES)]
        for one in (*result["readers"], *result["differences"])
    ]
    ruled = ["---", *["--:"] * len(FIGURES)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (heads, ruled, *rows))


def _verdict(ours: str, other: str, less: Difference) -> str:
    """In words; the second of a pair is ours."""
    winner = less.verdict
    if less.lower is None:
        return f"Kappa of {ours} and {other}: no interval of the difference ({less.note})."
    if not winner:
        return f"Kappa of {ours} and {other}: the interval of the difference holds 0."
    better, worse = (ours, other) if winner == "second" else (other, ours)
    return f"Kappa: {better} wins over {worse}."


def _likeliest(case: Case) -> str:
    values = case[1].findings.get(LABEL, {})
    return max(values, key=lambda value: values[value]) if values else ""


def _rounded(figure: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("value", "lower", "upper", "baseline", "cases")
    return {key: _round(figure[key]) for key in kept if key in figure}


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _shown(figure: Mapping[str, Any]) -> str:
    value, lower, upper = (figure[key] for key in ("value", "lower", "upper"))
    if value is None:
        return ""
    return f"{value:.2f}" if lower is None else f"{value:.2f} ({lower:.2f} to {upper:.2f})"
