"""Write readings where users look for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2

from polyclinic.atomic import check_writable, write_bytes, write_json
from polyclinic.errors import ConfigError, nearest
from polyclinic.reading import Reading
from polyclinic.reading.coco import readings_to_coco
from polyclinic.reading.finding_table import write_findings
from polyclinic.reading.table import write_measurements
from polyclinic.runtime.names import picture_name
from polyclinic.sample import Pixels

FORMATS = ("coco", "csv", "overlay", "restored")


def write_readings(readings: Sequence[Reading], folder: Path, formats: Iterable[str]) -> list[Path]:
    """Write `readings.json` (coco) and tables (csv); returns what was written.

    The tables are `measurements.csv` and, where readings hold such, `findings.csv`,
    `patients.csv` and `quality.csv`.
    """
    written = []
    if "coco" in formats:
        written.append(write_json(readings_to_coco(readings), folder / "readings.json"))
    if "csv" in formats:
        written.append(write_measurements(readings, folder / "measurements.csv"))
        written += write_findings(readings, folder)
    return written


def check_outputs(folder: Path, formats: Iterable[str]) -> None:
    """Check before the work that its files can be written; pictures fail by image.

    Raises:
        OSError: one can't.
    """
    tables = ("measurements.csv", "findings.csv", "patients.csv", "quality.csv")
    files = {"coco": ("readings.json",), "csv": tables}
    for name in (name for one in formats for name in files.get(one, ("readings.json",))):
        check_writable(folder / name)


def write_overlay(image: Pixels, reading: Reading, folder: Path, *, apart: bool = False) -> Path:
    """Write a drawing of the reading over its image as JPEG."""
    path = folder / picture_name(reading, ".jpg", apart=apart)
    drawn = cv2.cvtColor(reading.draw(image), cv2.COLOR_RGB2BGR)
    done, encoded = cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, 92])
    if not done:
        raise ValueError(f"an image of {drawn.shape[1]} x {drawn.shape[0]} fits no JPEG file")
    return write_bytes(encoded.tobytes(), path)


def parse_formats(text: str) -> frozenset[str]:
    """`coco,csv` as a set.

    Raises:
        ConfigError: a format is not known.
    """
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    for name in sorted(names - set(FORMATS)):
        raise ConfigError(
            f"no format is named {name!r}", hint=nearest(name, FORMATS), where="--format"
        )
    return names
