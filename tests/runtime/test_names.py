"""No two images of a read get one file name, and every name can be written."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from polyclinic.reading import Reading
from polyclinic.runtime.names import alike, picture_name


def name(image: int | str, file: str | None = None, suffix: str = ".jpg") -> str:
    return picture_name(Reading(image_id=image, size=(4, 4), file=file), suffix)


def test_names_stay_readable() -> None:
    assert name("a.png") == "a.png.jpg"
    assert name(12, "/data/p1/a.png") == "a-12.jpg"
    assert name(12) == "image-12.jpg"
    assert name("a/b_c").startswith("a_b_c-")


def test_images_of_two_folders_are_kept_apart() -> None:
    assert len({name("a/b_c"), name("a_b/c"), name("a_b_c"), name("a\\b_c")}) == 4
    assert name(1, "x/a.png") != name(2, "y/a.png")
    assert name("a") != name("a.jpg")
    assert name(1, "a.png") != name("a-1")


def test_names_that_differ_in_case_or_accents_alone_are_kept_apart() -> None:
    ids = ["A.png", "a.png", "b.png", "caf\u00e9", "cafe\u0301", 1]
    assert alike(ids) == {"A.png", "a.png", "caf\u00e9", "cafe\u0301"}
    made = [
        picture_name(Reading(image_id=one, size=(4, 4)), ".jpg", apart=one in alike(ids))
        for one in ids
    ]
    assert len({unicodedata.normalize("NFC", one).casefold() for one in made}) == len(ids)
    assert "b.png.jpg" in made


def test_an_id_that_looks_like_a_name_of_ours_is_kept_apart() -> None:
    assert name(name("a/b", suffix="")) != name("a/b")


def test_the_minus_of_a_number_belongs_to_no_file() -> None:
    assert name(-2, "a.png") != name(2, "a-.png")
    assert name(-2, "a.png") != name("a-m2")


@given(st.sets(st.one_of(st.text(min_size=1), st.integers()), min_size=2, max_size=30))
def test_ids_that_differ_give_names_that_differ(ids: set[int | str]) -> None:
    assert len({name(one, "p/a.png") for one in ids}) == len(ids)


@given(st.text(min_size=1, max_size=600))
def test_every_name_can_be_written(image: str) -> None:
    made = name(image)
    assert made.isprintable()
    assert Path(made).name == made
    assert len(made.encode()) <= 210
