import pytest

from polyclinic.systems.nailfold.measure.counts import csuri
from polyclinic.systems.nailfold.measure.limits import CapillaryLimits


def test_the_published_example():
    index = csuri(4, 80.0, 6, "calibrated")
    assert index.value == pytest.approx(8.888888, abs=1e-5)
    assert index.value > CapillaryLimits().csuri_cutoff
    assert index.flags == ()


@pytest.mark.parametrize(
    ("giants", "largest", "loops", "scale", "reason"),
    [
        (0, None, 6, "calibrated", "no-giant-loop"),
        (4, 80.0, 0, "calibrated", "no-loop-in-distal-row"),
        (4, 80.0, 6, "unknown", "unknown-scale"),
    ],
)
def test_not_meaningful_says_why(giants, largest, loops, scale, reason):
    index = csuri(giants, largest, loops, scale)
    assert index.value is None
    assert index.flags == (reason,)
