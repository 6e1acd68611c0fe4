"""Turn the HC18 fetal-head images into a COCO file that polyclinic reads.

Usage: python examples/hc18/make_coco.py FOLDER OUT.json

FOLDER holds `images/*.png`, `masks/*.png` (the head, filled) and `measurements.csv` with the
columns `image`, `pixel_size_mm` and `hc_mm_official`.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from pathlib import Path

import cv2

from polyclinic.data import Cohort, write_coco
from polyclinic.sample import Instance, Mask, Sample, Spacing


def make_cohort(folder: Path) -> Cohort:
    """Every row of the table with its image's annotated head and official circumference."""
    with (folder / "measurements.csv").open(encoding="utf-8") as table:
        samples = tuple(make_sample(folder, row) for row in csv.DictReader(table))
    return Cohort(samples=samples, classes=("head",), name=folder.name)


def make_sample(folder: Path, row: Mapping[str, str]) -> Sample:
    """One image: `014_3HC.png` is the third image of patient 014."""
    name = row["image"]
    mask = Mask.from_array(cv2.imread(str(folder / "masks" / name), cv2.IMREAD_GRAYSCALE) > 0)
    return Sample(
        image_id=Path(name).stem,
        size=mask.size,
        file=str((folder / "images" / name).absolute()),
        patient_id=name.partition("_")[0],
        spacing=Spacing.square(float(row["pixel_size_mm"]), "calibrated"),
        instances=(Instance(box=mask.box(), category=0, mask=mask),),
        labels={"head_circumference": float(row["hc_mm_official"])},
    )


def main() -> None:
    """Write the file."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    cohort = make_cohort(folder)
    write_coco(cohort, out)
    print(f"{out}: {len(cohort)} images of {cohort.facts().patients} patients")


if __name__ == "__main__":
    main()
