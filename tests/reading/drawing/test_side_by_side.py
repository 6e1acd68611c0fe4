import numpy as np

from polyclinic.reading.drawing.side_by_side import LEGIBLE_WIDTH, side_by_side


def test_pictures_keep_their_place_and_size():
    large = np.zeros((300, LEGIBLE_WIDTH + 20, 3), np.uint8)
    row = side_by_side([("first", large), ("second", large + 200)])
    assert (row[:300, : large.shape[1]] == 0).all()
    assert (row[:300, -large.shape[1] :] == 200).all()
    assert row.shape[0] > 300


def test_small_pictures_are_enlarged_by_a_whole_factor():
    small = np.full((50, 100, 3), 90, np.uint8)
    row = side_by_side([("a", small)])
    assert row.shape[1] == 500
    assert (row[:250] == 90).all()
