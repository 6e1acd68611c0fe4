"""Set the contents of a report as one HTML file, pictures inside."""

from __future__ import annotations

import base64
import io
from importlib.resources import files
from pathlib import Path

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from polyclinic.atomic import write_text
from polyclinic.reading.measurement import shown_unit
from polyclinic.report import numbers
from polyclinic.report.contents import RESTORED_NOTICE, Plot, ReportContents, Table
from polyclinic.report.numbers import spoken_name
from polyclinic.report.plots import training_curves

WIDEST = 1600
_QUALITY = 82


def png_uri(png: bytes) -> str:
    """A data URI of an encoded plot."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def jpeg_uri(pixels: NDArray[np.uint8]) -> str:
    """A data URI of an (H, W, 3) photograph, not wider or higher than `WIDEST`."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((WIDEST, WIDEST), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


# More overlays than this make a file that mail and browsers refuse.
MOST_OVERLAYS = 24
_LONGEST_TABLE = 500


def write_report(path: str | Path, contents: ReportContents) -> Path:
    """Write a self-contained HTML report and return its path.

    One file, no scripts, nothing fetched: styles and pictures lie inside. The same contents give
    the same bytes.
    """
    return write_text(render_report(contents), Path(path))


def render_report(contents: ReportContents) -> str:
    """The report as HTML text; names from data are escaped."""
    environment = Environment(
        loader=PackageLoader("polyclinic.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=numbers.number,
        unit=shown_unit,
        interval=numbers.interval,
        spoken=spoken_name,
        duration=numbers.duration,
        png=png_uri,
        jpeg=jpeg_uri,
        numeric=_numeric_columns,
    )
    style = files("polyclinic.report").joinpath("templates/report.css").read_text("utf-8")
    return environment.get_template("report.html.j2").render(
        contents=contents,
        sections=_sections(contents),
        curves=_curves(contents),
        overlays=contents.overlays[:MOST_OVERLAYS],
        overlays_left_out=max(0, len(contents.overlays) - MOST_OVERLAYS),
        restored_notice=RESTORED_NOTICE,
        longest_table=_LONGEST_TABLE,
        style=Markup(style),
    )


def _sections(contents: ReportContents) -> dict[str, str]:
    """Anchor and heading of what there is to show, in order."""
    present = {
        "figures": ("Main figures", contents.headline),
        "comparison": ("Two readers", contents.comparison),
        "split": ("Patients and split", contents.split),
        "metrics": ("All figures", contents.tables),
        "folds": ("Folds", contents.folds),
        "subgroups": ("Subgroups", contents.subgroups),
        "stress": ("Under stress", contents.stress),
        "plots": ("Plots", contents.plots),
        "overlays": ("Images read", contents.overlays),
        "restored": ("Restored images", contents.restored),
        "measurements": ("Measurements", contents.measurements),
        "patients": ("Patients", contents.patients),
        "cases": ("Cases", contents.cases),
        "training": ("Training", contents.log),
        "run": ("How this was made", contents.run),
        "next": ("What next", contents.commands),
    }
    return {anchor: heading for anchor, (heading, content) in present.items() if content}


def _curves(contents: ReportContents) -> Plot | None:
    if not contents.log:
        return None
    return Plot(
        title="",
        png=training_curves(contents.log),
        caption="Thin lines are single steps, thick lines their running median.",
    )


def _numeric_columns(table: Table) -> list[bool]:
    """Which columns hold nothing but numbers and intervals."""
    columns = [[row[place] for row in table.rows] for place in range(len(table.columns))]
    return [
        any(cell is not None for cell in column)
        and all(cell is None or isinstance(cell, int | float | tuple) for cell in column)
        for column in columns
    ]
