"""Tables of blurred images with their faults: each is named with file, row and what to do."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from .conftest import TOY

SIZE = (40, 60)


def painted(seed: int, size=SIZE):
    small = np.random.default_rng(seed).integers(0, 256, (8, 12, 3)).astype(np.uint8)
    return Image.fromarray(small).resize(size[::-1], Image.Resampling.BICUBIC)


@pytest.fixture
def rows(tmp_path):
    """Eight patients with an image, a sharp partner, a diagnosis and a quality each."""
    found = []
    for number in range(8):
        painted(number).save(tmp_path / f"{number}.png")
        painted(number).save(tmp_path / f"sharp{number}.png")
        found.append(
            {
                "image": f"{number}.png",
                "patient_id": f"p{number}",
                "stain": "IgG" if number % 2 else "C3",
                "label": "IgAN" if number < 4 else "MN",
                "quality": number / 8,
                "sharp_image": f"sharp{number}.png",
            }
        )
    return found


@pytest.fixture
def table(tmp_path, rows):
    def write():
        path = tmp_path / "table.csv"
        lines = [",".join(rows[0]), *(",".join(map(str, one.values())) for one in rows)]
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def one_class(rows, folder):
    for row in rows:
        row["label"] = "IgAN"


def two_spellings(rows, folder):
    rows[3]["label"] = "iga n"


def quality_beyond(rows, folder):
    rows[5]["quality"] = 1.5


def quality_in_words(rows, folder):
    rows[5]["quality"] = "bad"


def other_size(rows, folder):
    painted(2, (41, 60)).save(folder / "sharp2.png")


def partner_missing(rows, folder):
    (folder / "sharp2.png").unlink()


def partner_unreadable(rows, folder):
    (folder / "sharp2.png").write_text("no image")


def partner_cut_short(rows, folder):
    painted(2).save(folder / "sharp2.jpg")
    whole = (folder / "sharp2.jpg").read_bytes()
    (folder / "sharp2.jpg").write_bytes(whole[:-300])
    rows[2]["sharp_image"] = "sharp2.jpg"


def own_partner(rows, folder):
    rows[2]["sharp_image"] = "2.png"


def patient_missing(rows, folder):
    rows[6]["patient_id"] = ""


def several_pages(rows, folder):
    pages = [painted(seed) for seed in (10, 11, 12)]
    pages[0].save(folder / "stack.tif", save_all=True, append_images=pages[1:])
    rows[1] |= {"image": "stack.tif", "sharp_image": ""}


def not_a_number(rows, folder):
    values = np.asarray(painted(1).convert("L"), np.float32) / 255
    values[:2, :5] = np.nan
    values[7, 7] = np.inf
    Image.fromarray(values).save(folder / "float.tif")
    rows[1] |= {"image": "float.tif", "sharp_image": ""}


WARNED = {
    one_class: ["label 'label' is always 'IgAN'", "two values or more"],
    two_spellings: ["label 'label' is 'IgAN' and 'iga n'", "one spelling"],
    quality_beyond: ["image 5.png", "label 'quality' is 1.5", "0 (sharp) to 1 (worst)"],
    quality_in_words: ["row 7, column 'quality'", "'bad' stands among numbers", "numbers alone"],
    own_partner: ["row 4, column 'sharp_image'", "2.png is the image itself", "leave it out"],
    patient_missing: ["1 of 8 images name no patient", "counts as its own patient"],
    several_pages: ["stack.tif", "has 3 pages", "the first is read"],
}
REFUSED = {
    other_size: ["row 4, column 'sharp_image'", "has 60 x 41 pixels", "expected 60 x 40"],
    partner_missing: ["row 4, column 'sharp_image'", "sharp2.png is missing", "used without it"],
    partner_unreadable: ["row 4, column 'sharp_image'", "sharp2.png is a text file"],
    partner_cut_short: ["sharp2.jpg, sharp partner of image 2.png", "decoded", "copy it again"],
    not_a_number: ["float.tif", "11 of 2400 pixels are NaN or infinite", "background"],
}


def flat(text: str) -> str:
    """Without the line breaks of a narrow console."""
    return "".join(text.split())


def test_a_sound_table_gives_no_finding(polyclinic, table):
    code, out, _ = polyclinic("check", table())
    assert code == 0
    assert "0 errors, 0 warnings" in out


@pytest.mark.parametrize("fault", [*WARNED, *REFUSED], ids=lambda one: one.__name__)
def test_check_says_what_is_wrong_where_and_what_to_do(polyclinic, rows, table, tmp_path, fault):
    fault(rows, tmp_path)
    code, out, err = polyclinic("check", table())
    for words in (WARNED | REFUSED)[fault]:
        assert flat(words) in flat(out)
    assert code == (3 if fault in REFUSED else 0)
    assert "Traceback" not in out + err


@pytest.mark.parametrize("fault", [partner_missing, partner_unreadable, other_size, own_partner])
def test_a_faulty_partner_costs_the_partner_alone(polyclinic, rows, table, tmp_path, fault):
    fault(rows, tmp_path)
    code, out, err = polyclinic("fit", TOY, "--data", table(), "--out", tmp_path / "run")
    assert code == 0
    assert flat("used without it") in flat(out)
    assert "Traceback" not in out + err


@pytest.mark.parametrize("fault", [not_a_number, partner_cut_short])
def test_pixels_that_can_not_be_used_stop_a_training(polyclinic, rows, table, tmp_path, fault):
    fault(rows, tmp_path)
    code, out, err = polyclinic("fit", TOY, "--data", table(), "--out", tmp_path / "run")
    assert code == 3
    assert flat(REFUSED[fault][1]) in flat(err)
    assert "Traceback" not in out + err


def test_reading_flags_pages_and_refuses_what_is_no_number(
    polyclinic, toy_run, rows, table, tmp_path
):
    several_pages(rows, tmp_path)
    not_a_number(rows := rows[1:], tmp_path)
    inputs = [tmp_path / name for name in ("stack.tif", "float.tif", "0.png")]
    code, out, err = polyclinic("read", toy_run, *inputs, "--out", tmp_path / "out")
    assert code == 6
    assert flat("11 of 2400 pixels are NaN or infinite") in flat(out)
    assert "Traceback" not in out + err
    stack, floats, plain = json.loads((tmp_path / "out" / "readings.json").read_text())["images"]
    assert stack["flags"] == ["the file has 3 pages; the first was read"]
    assert "NaN" in floats["error"]
    assert "flags" not in plain
    assert not (tmp_path / "out" / "restored").exists()


def test_reading_a_table_asks_for_no_partner(polyclinic, toy_run, rows, table, tmp_path):
    for number in range(8):
        (tmp_path / f"sharp{number}.png").unlink()
    code, out, _ = polyclinic("read", toy_run, table(), "--out", tmp_path / "out")
    assert code == 0
    assert "read 8 of 8 images" in out
