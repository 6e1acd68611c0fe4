"""What is compared with what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.evidence.layout import MeanLayout
from bench.evidence.plan import Plan
from bench.evidence.stages import TwoStages
from bench.evidence.study import Group
from bench.evidence.training import Training
from bench.evidence.views import CENTRE, HALF, PIXELS

JITTER = 1.398 / PIXELS
"""Landmarks move by -1, 0 or 1 pixel as often as with 0.003 of 466 pixels in KNEEL."""

SHARE = {"kind": "wing", "unit": "share", "width": 15.0, "curvature": 3.0}
LONGER = 2.5
"""Without spots, networks take longer to learn."""


def groups(plan: Plan) -> tuple[Group, ...]:
    """All groups. The usual training is a row in most of them, and is carried out once."""
    usual = plan.training(
        "usual",
        "HMP blocks of width 16, depth 3; wing loss in pixels (w 10, curvature 2) and spots; "
        "no mixup, decay, cut-out or jitter",
    )
    return (
        _control(plan, usual),
        _loss(plan),
        _block(plan, usual),
        _mixup(plan, usual),
        _decay(plan, usual),
        _hiding(plan, usual),
        _pretraining(plan, usual),
        _spots(plan, usual),
        _stages(plan, usual),
    )


def _control(plan: Plan, usual: Training) -> Group:
    middle, centred = (
        MeanLayout(name=name, meaning=meaning, views=usual.views, on_centre=on_centre)
        for name, meaning, on_centre in (
            ("mean_in_window", "mean training landmarks, always there in the window", False),
            ("mean_on_centre", "the same, moved onto the true tibia_4, which no reader is", True),
        )
    )
    shuffled = plan.training(
        "shuffled", "each training knee with the landmarks of another one", shuffled=True
    )
    return Group(
        name="control",
        question="Does the network read the knee, and nothing where there is nothing to learn?",
        variants=(usual, shuffled, centred, middle),
        pairs=((usual, centred), (shuffled, centred), (shuffled, usual)),
    )


def _loss(plan: Plan) -> Group:
    wing, share, l1, l2 = (
        plan.training(name, meaning, _pure(penalty), steps=LONGER)
        for name, meaning, penalty in (
            ("wing", "wing in pixels (w 10, curvature 2)", {}),
            ("wing_share", "wing in shares of the view (w 15, curvature 3), as in KNEEL", SHARE),
            ("l1", "L1", {"kind": "l1"}),
            ("l2", "L2", {"kind": "l2"}),
        )
    )
    return Group(
        name="loss",
        question=f"Wing against L1 and L2, nothing beside them, {LONGER:g} times the usual steps",
        variants=(wing, share, l1, l2),
        pairs=((wing, l1), (wing, l2), (share, l1), (share, l2), (wing, share)),
    )


def _pure(penalty: Mapping[str, Any]) -> Mapping[str, Any]:
    """A loss alone: beside spots its scale would count."""
    return {"points": {"loss": penalty, "spot": None}}


def _block(plan: Plan, usual: Training) -> Group:
    plain = plan.training(
        "plain",
        "bottlenecks of width 20, depth 3: as many parameters to 3 %",
        {"model": {"hourglass": {"width": 20, "block": "plain", "inner": "plain"}}},
    )
    return Group(
        name="block",
        question="HMP blocks against plain bottlenecks with as many parameters",
        variants=(usual, plain),
        pairs=((usual, plain),),
    )


def _mixup(plan: Plan, usual: Training) -> Group:
    mixup = {"mixup": 0.75}
    full = plan.training("mixup", "mixup 0.75, as many steps: twice the cost", mixup)
    half = plan.training(
        "mixup_half", "mixup 0.75, half the steps: the same cost", mixup, steps=0.5
    )
    return Group(
        name="mixup",
        question="Mixup as in KNEEL, against none",
        variants=(usual, full, half),
        pairs=((full, usual), (half, usual)),
    )


def _decay(plan: Plan, usual: Training) -> Group:
    amount = {"train": {"weight_decay": 1e-4}}
    decay = plan.training("decay", "1e-4 as in KNEEL, but decoupled (AdamW)", amount)
    return Group(
        name="decay",
        question="Weight decay against none",
        variants=(usual, decay),
        pairs=((decay, usual),),
    )


def _hiding(plan: Plan, usual: Training) -> Group:
    cutout = plan.training("cutout", "cut-out 0.1", {"data": {"augment": {"cutout": 0.1}}})
    jitter = plan.training(
        "jitter",
        "targets moved by up to a pixel, as often as in KNEEL",
        {"data": {"augment": {"jitter": JITTER}}},
    )
    return Group(
        name="hiding",
        question="Cut-out, target jitter, or neither",
        variants=(usual, cutout, jitter),
        pairs=((cutout, usual), (jitter, usual), (cutout, jitter)),
    )


def _pretraining(plan: Plan, usual: Training) -> Group:
    low_cost = plan.training(
        f"centre_{plan.low_cost}",
        f"places the centre alone, in halves of films, {plan.low_cost} knees",
        knees=plan.low_cost,
        look=CENTRE,
    )
    variants: list[Training] = []
    for knees in plan.labelled:
        last = knees == plan.labelled[-1]
        scratch = (
            usual if last else plan.training(f"scratch_{knees}", f"{knees} knees", knees=knees)
        )
        started = plan.training(
            f"started_{knees}",
            f"{knees} knees, from the weights of `{low_cost.name}`",
            knees=knees,
            start=low_cost,
        )
        variants += [scratch, started]
    return Group(
        name="pretraining",
        question=f"Start from a network that learnt one point of {plan.low_cost} knees, or not",
        variants=tuple(variants),
        pairs=tuple(zip(variants[1::2], variants[::2], strict=True)),
    )


def _spots(plan: Plan, usual: Training) -> Group:
    without = plan.training("no_spots", "wing alone, as in KNEEL", _pure({}))
    wing = _loss(plan).variants[0]
    return Group(
        name="spots",
        question="Maps held against round spots (ours), or the place alone (`wing`: longer)",
        variants=(usual, without, wing),
        pairs=((usual, without), (usual, wing)),
    )


def _stages(plan: Plan, usual: Training) -> Group:
    one = plan.training(
        "one_stage",
        "16 landmarks in the half; finer, as many steps as cost what the two networks do",
        look=HALF,
        steps=2 * (PIXELS / HALF.pixels) ** 2,
    )
    locate = plan.training("locate", "the centre alone, in halves of films", look=CENTRE)
    mirrored = plan.training(
        "mirrored",
        "half of the views mirrored, 1.5 times the steps",
        {"data": {"augment": {"mirror": 0.5}}},
        steps=1.5,
    )
    two, refined, other, flipped = (
        TwoStages(name=name, meaning=meaning, locate=locate, place=place, refine=refine, flip=flip)
        for name, meaning, place, refine, flip in (
            ("two_stages", "centre in the half, then the window around it", usual, 0, False),
            ("refined", "the same, window moved onto the found centre once", usual, 1, False),
            ("mirrored_refined", f"as refined, with {mirrored.meaning}", mirrored, 1, False),
            ("flipped", "the same networks, windows also read mirrored", mirrored, 1, True),
        )
    )
    return Group(
        name="stages",
        question="One network for half a film, or a centre and a window; whole films",
        variants=(one, two, refined, other, flipped),
        pairs=((two, one), (refined, two), (flipped, other)),
    )
