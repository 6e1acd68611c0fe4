import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from polyclinic.errors import DataError
from polyclinic.metrics.raters.points import (
    consensus_points,
    distances_to_consensus,
    rater_spread,
)

POINTS = st.tuples(st.integers(1, 5), st.integers(0, 4), st.integers(2, 3)).flatmap(
    lambda shape: arrays(float, shape, elements=st.floats(-50, 50) | st.just(np.nan))
)


@given(POINTS)
def test_spread_is_that_of_loops(points):
    expected = []
    for landmark in points.transpose(1, 0, 2):
        placed = landmark[np.isfinite(landmark).all(1)]
        away = [np.linalg.norm(one - placed.mean(0)) for one in placed]
        expected.append(np.mean(away) if len(placed) > 1 else np.nan)
    np.testing.assert_allclose(rater_spread(points), expected, atol=1e-9)


@given(POINTS.filter(lambda points: np.isfinite(points).all()))
def test_squared_distances_are_half_of_those_between_raters(points):
    """Huygens: the mean square about the mean is half the mean square of all differences."""
    about = (distances_to_consensus(points) ** 2).mean(0)
    between = ((points[:, None] - points[None]) ** 2).sum(3).mean((0, 1))
    np.testing.assert_allclose(about, between / 2, rtol=1e-9, atol=1e-9)


def test_points_by_hand():
    points = [[[0, 0], [1, 1]], [[6, 8], [np.nan, 1]]]
    np.testing.assert_allclose(consensus_points(points), [[3, 4], [1, 1]])
    np.testing.assert_allclose(distances_to_consensus(points), [[5, 0], [5, np.nan]])
    np.testing.assert_allclose(rater_spread(points), [5, np.nan])


def test_other_shapes_are_refused():
    with pytest.raises(DataError, match="raters, landmarks, coordinates"):
        rater_spread([[1, 2]])


def test_anatomical_landmarks_by_eight_raters(shared_data):
    folder = shared_data / "afids_multirater_landmarks"

    def read(file):
        rows = (line.split(",") for line in file.read_text().splitlines() if line[0] != "#")
        found = {int(row[11]): row[1:4] for row in rows}
        return [found[number] for number in range(1, 33)]

    sessions = sorted((folder / "PHASE1_input_afid").glob("Agile12v2016_T1_Rater*"))
    points = np.array([read(file) for file in sessions], float)
    assert points.shape == (32, 32, 3)
    published = read(folder / "PHASE1_output_afid" / "Agile12v2016_MEAN.fcsv")
    close = np.linalg.norm(consensus_points(points) - np.array(published, float), axis=1)
    assert np.median(close) < 0.3
    # millimetres; within a rater the sessions spread less than over all raters
    spread = rater_spread(points)
    assert 0.3 < spread.mean() < 3
    raters = [rater_spread(points[4 * rater : 4 * rater + 4]) for rater in range(8)]
    assert np.mean(raters) < spread.mean()
