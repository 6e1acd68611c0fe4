"""What the code of the paper loses between window and network, and this one does not.

Its network saw the middle 450 pixels of a region of 466, and its outputs were multiplied by the
size of the whole region; the same at the first stage, where the half of a film lost far more.
Both are written here as they were, as a contrast, from the facts about the code (sections 8 and
14.5): nothing of this is used anywhere.
"""

from __future__ import annotations

import numpy as np
import pytest

from polyclinic.sample import Spacing
from polyclinic.systems.knee.films import Half, half_window, knee_window
from tests.systems.knee.films.painted import film

CROP, REGION = 450, 466
OUTER = {"tibia_0": (99.0, -4.8), "tibia_8": (362.0, 4.6)}
"""Mean place in the region, and how far off the code of the paper maps it, in its pixels."""


def crop_share(place, size):
    """What a network that makes no error says: share of the crop in the middle."""
    return (place - (size - CROP) / 2) / CROP


def legacy_place(place, size):
    """The share, multiplied by the size of what the crop was cut from."""
    return crop_share(place, size) * size


@pytest.mark.parametrize(("place", "off"), OUTER.values(), ids=OUTER)
def test_the_outer_landmarks_moved_outwards(place, off):
    assert legacy_place(place, REGION) - place == pytest.approx(off, abs=0.05)
    assert crop_share(place, REGION) * CROP + (REGION - CROP) / 2 == pytest.approx(place)


@pytest.mark.parametrize("half_width", [215.0, 300.0, 900.0])
def test_displacements_of_the_first_stage_shrank(half_width):
    """A centre that lies d mm from the middle of the half came out at d W / 450; at 1 mm/px."""
    aside = np.array([-40.0, 25.0, 60.0])
    found = legacy_place(half_width / 2 + aside, half_width) - half_width / 2
    assert found == pytest.approx(aside * half_width / CROP)


@pytest.mark.parametrize("half", [Half("right", (0, 700)), Half("left", (700, 1400))])
@pytest.mark.parametrize("pixels", [CROP, REGION])
def test_here_neither_stage_moves_anything(half, pixels):
    """0.3 mm/px, a window of 140 mm around the knee: the figures above are 0."""
    taken = film((900, 1400), spacing=Spacing.square(0.3, "detector"), image=None)
    centre = np.array([half.columns[0] + 320.0, 480.0])
    across = [(place - REGION / 2) for place, _ in OUTER.values()]
    points = centre + np.column_stack([across, np.zeros(2)])
    seen = knee_window(taken, half, centre, 140.0, pixels)
    whole = half_window(taken, half, 450.0, pixels)
    for window in (seen, whole):
        share = (window.to_view.points(points) + 0.5) / pixels
        back = window.to_view.inverse().points(share * pixels - 0.5)
        assert np.abs(back - points).max() < 1e-9
        # A step on the film is as long as its scale says, whatever the size of the half.
        step = np.diff(window.to_view.points(points), axis=0)
        mm = np.linalg.norm(step) * (140.0 if window is seen else 450.0) / pixels
        assert mm == pytest.approx(0.3 * np.ptp(across))
