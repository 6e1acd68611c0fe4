"""What is stored and printed of two readers of mice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.landmark_errors import differences, measured
from bench.machine import machine
from bench.soft_argmax_unet import Choice, Lesson

from polyclinic.metrics.figure import Values

MEANING = {
    "median_px": "median distance of labelled landmarks, original pixels",
    "mean_px": "mean of the same",
    "p95_px": "95th percentile of the same",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """What one training came to.

    Args:
        errors: (N, K) on the held-out frames, original pixels; NaN where not labelled.
        validation_px: mean error of the kept weights on the validation part.
        steps, seconds: of the training, looks at the validation part included.
        parameters: of the network.
        load: of the machine just before; other programs slow trainings down, and not alike.
    """

    errors: Values
    validation_px: float
    steps: int = 0
    seconds: float = 0.0
    parameters: int = 0
    load: float | None = None

    @property
    def summary(self) -> str:
        """One line."""
        return (
            f"{self.steps} steps in {self.seconds:.0f} s, "
            f"{self.validation_px:.1f} px on validation frames"
        )


def result_of(
    lesson: Lesson,
    outcomes: Mapping[str, Sequence[Outcome]],
    tuned: Sequence[tuple[Choice, Outcome]],
    best: Choice,
) -> dict[str, Any]:
    """Everything but how it was called."""
    split, frame = lesson.split, lesson.config.data.frame
    samples = [lesson.cohort.samples[row] for row in split.test]
    named = any(sample.patient_id is not None for sample in samples)
    first, second = list(outcomes)[:2]
    errors = {name: [one.errors for one in those] for name, those in outcomes.items()}
    return {
        "data": "dlc_mouse_keypoints, openfield",
        "frames": {part: len(rows) for part, rows in split.parts.items()},
        "landmarks": len(lesson.cohort.landmark_schema or ()),
        "longest_side": frame.longest,
        "figures": MEANING,
        "interval": _interval(named),
        "machine": machine(),
        "tuning": {
            "of": second,
            "by": "mean error on the validation part",
            "chosen": asdict(best),
            "tried": [asdict(choice) | _numbers(one) for choice, one in tuned],
        },
        "readers": [
            {
                "name": name,
                "parameters": those[0].parameters,
                "trainings": [_numbers(one) for one in those],
                **measured(errors[name], samples),
                "errors_px": [each.round(2).tolist() for each in errors[name]],
            }
            for name, those in outcomes.items()
        ],
        "difference": {
            "of": f"{first} less {second}",
            **differences(errors[first], errors[second], samples),
        },
    }


def _interval(named: bool) -> str:
    if named:
        return "95 %, patients drawn, mean over trainings; not for new trainings"
    return (
        "95 %, frames drawn, mean over trainings; not for new trainings. The data name no animals "
        "or sessions, and frames of one film resemble each other: nothing is said of other films"
    )


def _numbers(one: Outcome) -> dict[str, Any]:
    return {
        "steps": one.steps,
        "seconds": round(one.seconds, 1),
        "validation_px": round(one.validation_px, 3),
        "load_before": None if one.load is None else round(one.load, 1),
    }


def table(result: Mapping[str, Any]) -> str:
    """A row a reader, and one for the difference, as Markdown."""
    figures = list(result["figures"])
    heads = ["reader", *(name.replace("_", ", ") for name in figures)]
    rows = [
        [one["name"], *(_shown(one[name]) for name in figures), *_cost(one)]
        for one in result["readers"]
    ]
    apart = result["difference"]
    rows.append([apart["of"], *(_shown(apart[name]) for name in figures), "", "", ""])
    heads += ["steps", "s", "parameters"]
    ruled = ["---", *["--:"] * (len(heads) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (heads, ruled, *rows))


def _shown(figure: Mapping[str, Any]) -> str:
    value, lower, upper = (figure[key] for key in ("value", "lower", "upper"))
    return f"{value:.1f}" if lower is None else f"{value:.1f} ({lower:.1f} to {upper:.1f})"


def _cost(reader: Mapping[str, Any]) -> list[str]:
    if not reader["parameters"]:
        return ["", "", ""]
    trainings = reader["trainings"]
    return [
        ", ".join(str(one["steps"]) for one in trainings),
        ", ".join(f"{one['seconds']:.0f}" for one in trainings),
        f"{reader['parameters'] / 1e6:.2f} M",
    ]
