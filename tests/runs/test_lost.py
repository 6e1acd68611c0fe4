"""What is lost is a share of the figure, whichever way is better."""

import math

import pytest

from polyclinic.errors import RunError
from polyclinic.runs.lost import Lost


def lost(plain, faster, lower=False):
    return Lost(
        figure="f1",
        plain=plain,
        faster=faster,
        lower_is_better=lower,
        images=12,
        others={"mask_ap50": (0.5, None)},
    )


@pytest.mark.parametrize(
    ("one", "share"),
    [
        (lost(0.8, 0.76), 0.05),
        (lost(0.8, 0.84), -0.05),
        (lost(2.0, 2.1, lower=True), 0.05),
        (lost(2.0, 1.9, lower=True), -0.05),
        (lost(-0.2, -0.25), 0.25),
        (lost(0.0, 0.0), 0.0),
        (lost(0.0, 0.1), -math.inf),
        (lost(0.0, 0.1, lower=True), math.inf),
    ],
)
def test_shares(one, share):
    assert one.share == pytest.approx(share)


def test_both_figures_are_named_where_it_is_too_much():
    with pytest.raises(RunError, match=r"run: f1 0.8 in fp32 and 0.7 in int8 on 12 .*12.5%"):
        lost(0.8, 0.7).refuse(0.01, where="run")
    lost(0.8, 0.7).refuse(0.2, where="run")


def test_a_figure_that_is_gone_is_lost():
    with pytest.raises(RunError, match="nan in int8"):
        lost(0.8, math.nan).refuse(1.0, where="run")


def test_main_figures_are_told():
    assert lost(0.8, 0.8).lines() == [
        "f1 0.8 in fp32 and 0.8 in int8 on 12 validation images",
        "  mask_ap50: 0.5 in fp32, none in int8",
    ]
