"""Turn contours that BoneFinder found on films of knees into a table that polyclinic reads.

Usage: python examples/knee/bonefinder_to_csv.py POINTS FILMS OUT.csv

POINTS holds `001.pts` with the left knee of the film `001.dcm` in FILMS, and `001_f.pts` with the
right knee, found on the mirrored film; either may be missing. Of each contour the 16 landmarks of
KNEEL are kept.

Known, from how KNEEL read such files: which points of a contour are landmarks, whose knee is in
which file, and that coordinates are in mm, divided by the spacing of a pixel. Assumed: 0 mm is
the middle of the first pixel; the landmarks run from lateral to medial, which is checked; x of a
mirrored film counts from the middle of its first pixel too. Look at some knees before you trust
them; half a pixel can't be seen.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.folder import image_sample
from polyclinic.errors import DataError, PolyclinicError
from polyclinic.sample import Sample
from polyclinic.schema.knee import FEMUR, TIBIA

POINTS = {name: 47 + 2 * number for number, name in enumerate(TIBIA)}
POINTS |= {name: 12 + 2 * number for number, name in enumerate(FEMUR)}
"""Which point of a contour is which landmark, from 0."""

FILES = {"left knee": "", "right knee": "_f"}
"""What follows the name of the film in the file of each knee."""


def read_points(file: Path) -> NDArray[np.float64]:
    """(N, 2) x, y of a .pts file: `version: 1`, `n_points: N`, and a row a point in braces.

    Raises:
        DataError: it holds something else, or not as many points as it says.
    """
    lines = [
        line.strip() for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
    ]
    try:
        first, last = lines.index("{") + 1, lines.index("}")
        stated = next(int(line.partition(":")[2]) for line in lines if line.startswith("n_points"))
    except (ValueError, StopIteration):
        raise DataError(
            "is no list of points",
            expected="n_points: N, and a row a point in braces",
            where=str(file),
        ) from None
    points = []
    for number, line in enumerate(lines[first:last], first + 1):
        try:
            x, y = map(float, line.split())
        except ValueError:
            x = y = np.nan
        if not np.isfinite([x, y]).all():
            raise DataError(f"{line!r} is no point", expected="x y", where=f"{file}, line {number}")
        points.append((x, y))
    if len(points) != stated or len(points) <= max(POINTS.values()):
        raise DataError(
            f"holds {len(points)} points",
            expected=f"{stated}, as n_points says, and at least {max(POINTS.values()) + 1}",
            where=str(file),
        )
    return np.array(points)


def landmarks(file: Path, knee: str, film: Sample) -> dict[str, tuple[float, float]]:
    """Pixel indices x, y of the landmarks of one knee on its film.

    Raises:
        DataError: the file can't be read, the film has no scale, or the points run the wrong way.
    """
    if not film.spacing.known:
        raise DataError("has no spacing", expected="a DICOM film with one", where=str(film.file))
    points = read_points(file) / (film.spacing.column_mm, film.spacing.row_mm)
    if knee == "right knee":
        points[:, 0] = film.size[1] - 1 - points[:, 0]
    found = {name: (float(points[row, 0]), float(points[row, 1])) for name, row in POINTS.items()}
    runs_right = found["tibia_0"][0] < found["tibia_8"][0]
    if runs_right != (knee == "right knee"):
        raise DataError(
            f"the tibia of the {knee} runs from medial to lateral",
            expected="lateral to medial on a film that shows the patient's right on its left",
            where=str(file),
        )
    return found


def rows(points: Path, films: Path, out: Path) -> Iterator[dict[str, str | float]]:
    """A row of the table for each file of points."""
    files = [file for file in sorted(films.iterdir()) if file.suffix != ".pts" and file.is_file()]
    for film in files:
        for knee, ending in FILES.items():
            file = points / f"{film.stem}{ending}.pts"
            if file.is_file():
                row: dict[str, str | float] = {
                    "image": os.path.relpath(film.resolve(), out.resolve().parent),
                    "class": knee,
                }
                for name, (x, y) in landmarks(file, knee, image_sample(film, films)).items():
                    row |= {f"{name}_x": x, f"{name}_y": y}
                yield row


def write_table(points: Path, films: Path, out: Path) -> int:
    """Write the table and count its knees.

    Raises:
        DataError: a file of points or a film can't be read, or there is none.
    """
    found = list(rows(points, films, out))
    if not found:
        raise DataError(
            "holds no points of the films",
            expected="001.pts or 001_f.pts of a film 001.dcm",
            where=str(points),
        )
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, found[0])
        writer.writeheader()
        writer.writerows(found)
    return len(found)


def main() -> None:
    """Write the file."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    points, films, out = map(Path, sys.argv[1:])
    try:
        print(f"{out}: {write_table(points, films, out)} knees")
    except PolyclinicError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
