"""What the documents say must be so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from polyclinic.data import Cohort, check_cohort, open_cohort
from polyclinic.sample import Instance
from tests.architecture.places import ROOT, short

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
EXAMPLE = re.compile(r"```json\n(.*?)```", re.DOTALL)


@pytest.fixture
def example(tmp_path: Path) -> Cohort:
    """The cohort of docs/data-format.md, with images of noise."""
    match = EXAMPLE.search((ROOT / "docs" / "data-format.md").read_text("utf-8"))
    assert match
    noise = np.random.default_rng(0)
    for image in json.loads(match[1])["images"]:
        pixels = noise.integers(0, 256, (image["height"], image["width"], 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / image["file_name"])
    (tmp_path / "example.coco.json").write_text(match[1], "utf-8")
    return open_cohort(tmp_path)


def test_links_lead_somewhere() -> None:
    links = [(document, link) for document in DOCUMENTS for link in _links(document)]
    assert links
    assert [f"{short(d)}: {link}" for d, link in links if not (d.parent / link).exists()] == []


def test_the_example_cohort_has_no_fault(example: Cohort) -> None:
    assert example.skipped == ()
    findings = check_cohort(Path(example.samples[0].file or "").parent).findings
    assert [str(one) for one in findings if one.severity == "error"] == []


def test_the_example_says_what_was_annotated(example: Cohort) -> None:
    full, empty, graded = example.samples
    assert empty.instances == ()
    assert graded.instances is None
    assert (full.labels, empty.labels, graded.labels) == ({"grade": 1}, {}, {"grade": 2})
    outlined, boxed = full.instances or ()
    assert outlined.mask is not None
    assert outlined.landmarks is not None
    assert (boxed.mask, boxed.landmarks) == (None, None)
    assert [one.spacing.origin for one in example.samples] == ["calibrated", "assumed", "unknown"]
    assert [one.patient_id for one in example.samples] == ["A", "A", "B"]


def test_the_example_lies_where_the_page_says(example: Cohort) -> None:
    outlined: Instance = (example.samples[0].instances or ())[0]
    assert outlined.mask is not None
    assert outlined.landmarks is not None
    np.testing.assert_array_equal(outlined.box, [9.5, 7.5, 25.5, 31.5])
    np.testing.assert_array_equal(outlined.mask.box(), outlined.box)
    np.testing.assert_array_equal(outlined.landmarks[0], [18, 9, 2])


def _links(document: Path) -> list[str]:
    return LINK.findall(document.read_text("utf-8"))
