"""A made-up table in KNEEL's form, with pictures cut from made-up films."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PIL import Image

SIDE, BORDER, COUNT = 466, 100, 16
HEADER = ("subject_id", "side", "kl", "tibia", "femur", "bbox", "center")


class Kneel:
    """The knees of one table; `add` does what KNEEL's data preparation did."""

    def __init__(self, folder):
        self.path, self.rows = folder / "bf_landmarks_1_0.3.csv", []
        (folder / "images").mkdir(exist_ok=True)

    def add(self, subject, side, kl, film_points, corner, film_size=(700, 800)):
        """Mark pixels of a film at 0.3 mm, cut the knee out of it, write its row.

        `corner` is that of the square on the film with its border.
        """
        film = np.zeros(film_size, np.uint8)
        x, y = np.array(film_points).T
        film[y, x] = 255
        left, top = corner
        picture = np.pad(film, BORDER)[top : top + SIDE, left : left + SIDE]
        x, y = x + BORDER - left, y + BORDER - top
        if side == "L":
            picture, x = picture[:, ::-1], SIDE - x  # the table's own way of mirroring
        Image.fromarray(picture).save(self.path.parent / "images" / f"{subject}_{kl}_{side}.png")
        numbers = [
            ",".join(f"{a},{b}" for a, b in pairs) for pairs in np.split(np.stack([x, y], 1), [9])
        ]
        box = f"{left},{top},{left + SIDE},{top + SIDE}"
        centre = f"{left + SIDE // 2},{top + SIDE // 2}"
        self.rows.append(dict(zip(HEADER, (subject, side, kl, *numbers, box, centre), strict=True)))

    def write(self, **changes):
        """The table, with cells of its first row changed."""
        rows = [self.rows[0] | changes, *self.rows[1:]]
        with self.path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, HEADER)
            writer.writeheader()
            writer.writerows(rows)
        return self.path


@pytest.fixture
def kneel(tmp_path):
    """A left and a right knee of one subject and a right knee of another."""
    made = Kneel(tmp_path)
    points = [(200 + 10 * n, 300 + 3 * n) for n in range(COUNT)]
    made.add("9001", "R", 2, points, (150, 200))
    made.add("9001", "L", 0, [(x + 200, y) for x, y in points], (330, 210))
    made.add("9007", "R", 4, points, (140, 190))
    return made
