"""Tables in documents are those of the stored result."""

import json

import pytest
from bench.evidence.tables import inserted, tables

from tests.architecture.places import ROOT


def test_a_text_replaces_what_is_between_the_marks() -> None:
    document = "a\n<!-- begin x -->\nold\n<!-- end x -->\nb\n"
    once = inserted(document, "x", "new\n")
    assert once == "a\n<!-- begin x -->\n\nnew\n\n<!-- end x -->\nb\n"
    assert inserted(once, "x", "new\n") == once
    with pytest.raises(ValueError, match="begin y"):
        inserted(document, "y", "new")


@pytest.mark.parametrize("name", ["evidence_knee", "evidence_kidney"])
def test_the_document_has_the_stored_figures(name) -> None:
    stored = ROOT / "docs" / "results" / f"{name}.json"
    if not stored.exists():
        pytest.skip("the study has not been carried out")
    document = (ROOT / "docs" / "evidence.md").read_text("utf-8")
    found = tables(json.loads(stored.read_text("utf-8")))
    assert inserted(document, stored.stem, found) == document
