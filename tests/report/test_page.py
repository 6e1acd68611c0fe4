from __future__ import annotations

import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from polyclinic.metrics.figure import Metric
from polyclinic.report import (
    Overlay,
    Plot,
    ReportContents,
    Run,
    Split,
    Table,
    render_report,
    write_report,
)
from polyclinic.report.contents import Message
from polyclinic.report.page import MOST_OVERLAYS, WIDEST

from .example import example_contents

VOID = {"meta", "img", "br"}
HOSTILE = '<script>alert("x")</script>&"\''


class _Balance(HTMLParser):
    """Collects the text and every attribute, and notes tags that do not match."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def contents() -> ReportContents:
    return example_contents()


@pytest.fixture(scope="module")
def page(contents: ReportContents) -> str:
    return render_report(contents)


def _bare() -> ReportContents:
    run = Run(versions={"polyclinic": "0"}, date="", seed=0, data="d")
    return ReportContents(title="t", recipe="r", run=run)


def _headings(page: str) -> list[str]:
    return re.findall(r'<h2 id="(\w+)"', page)


def test_tags_are_balanced_and_anchors_exist(page: str) -> None:
    parsed = _Balance(page)
    assert parsed.faults == []
    assert parsed.open == []
    links = [attrs["href"] for tag, attrs in parsed.tags if tag == "a"]
    assert links == [f"#{name}" for name in _headings(page)]
    assert len(links) == 10


def test_nothing_is_fetched_and_nothing_runs(page: str) -> None:
    parsed = _Balance(page)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in parsed.tags}
    for _, attrs in parsed.tags:
        assert not any(name.startswith("on") for name in attrs)
        source = attrs.get("src")
        assert source is None or source.startswith("data:image/")
    without_pictures = re.sub(r"data:image/[^\"]+", "", page)
    assert not re.search(r"https?:|//\w|@import|url\(", without_pictures)


def test_hostile_names_are_text(contents: ReportContents) -> None:
    table = Table(title=HOSTILE, columns=(HOSTILE,), rows=((HOSTILE,),), note=HOSTILE)
    hostile = replace(
        contents,
        title=HOSTILE,
        recipe=HOSTILE,
        run=replace(contents.run, data=HOSTILE, config=HOSTILE, versions={HOSTILE: HOSTILE}),
        headline=(Metric(name=HOSTILE, value=1.0, meaning=HOSTILE),),
        tables=(table,),
        patients=table,
        split=Split(table=table, messages=(Message(HOSTILE, "warning"),)),
        overlays=(Overlay(image=np.zeros((4, 4, 3), np.uint8), caption=HOSTILE),),
        log=({"step": 0, "losses": {HOSTILE + "$": {"raw": 1.0}}},),
    )
    page = render_report(hostile)
    assert "<script" not in page
    parsed = _Balance(page)
    assert parsed.faults == []
    assert parsed.text.count(HOSTILE) >= 15


def test_absent_sections_are_left_out() -> None:
    page = render_report(_bare())
    assert _headings(page) == ["run"]
    assert "Not a medical device" in page
    with_table = replace(_bare(), measurements=Table(title="", columns=("a",), rows=((1,),)))
    assert _headings(render_report(with_table)) == ["measurements", "run"]


def test_all_figures_are_shown(contents: ReportContents, page: str) -> None:
    text = _Balance(page).text
    for one in ("0.943", "0.921 to 0.961", "1.94 µm", "baseline 4.81", "Instance F1", "P29"):
        assert one in re.sub(r"\s+", " ", text)
    assert "no abnormal image in the test part" in text
    assert "Image 17 (train) looks like image 133 (test)" in text


def test_columns_of_numbers_are_flush_right() -> None:
    table = Table(
        title="", columns=("name", "n", "limits"), rows=(("a", 1, (0.5, 1.5)), ("b", None, None))
    )
    page = render_report(replace(_bare(), patients=table))
    assert re.findall(r"<th[^>]*?(class=\"n\")?>(\w+)", page) == [
        ("", "name"),
        ('class="n"', "n"),
        ('class="n"', "limits"),
    ]
    assert page.count('<td class="n">') == 4
    assert "0.500 to 1.50" in page


def test_large_pictures_and_long_galleries_stay_bounded() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (2500, 3000, 3), np.uint8)
    one = render_report(replace(_bare(), overlays=(Overlay(image=noise),)))
    assert len(one) < 4_000_000
    encoded = re.search(r"data:image/jpeg;base64,([^\"]+)", one)
    assert encoded is not None
    import base64

    with Image.open(io.BytesIO(base64.b64decode(encoded[1]))) as picture:
        assert max(picture.size) == WIDEST
    small = Overlay(image=np.zeros((40, 40, 3), np.uint8))
    many = render_report(replace(_bare(), overlays=(small,) * (MOST_OVERLAYS + 3)))
    assert many.count("data:image/jpeg") == MOST_OVERLAYS
    assert "3 more images are left out" in many


def test_the_same_contents_give_the_same_bytes(tmp_path: Path, page: str) -> None:
    path = write_report(tmp_path / "report.html", example_contents())
    assert path.read_text(encoding="utf-8") == page
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_a_plot_must_be_png() -> None:
    from polyclinic.errors import DataError

    with pytest.raises(DataError, match="no PNG"):
        Plot(title="p", png=b"GIF89a")
