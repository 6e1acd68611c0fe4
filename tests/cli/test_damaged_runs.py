"""A damaged run is told by its file and key, and gone on with on the same data alone."""

import json
import shutil
from pathlib import Path

import cv2
import pytest

from tests.cli.conftest import TOY

BROKEN = [b"", b"{", b"[]", b"3", b"\xff\xfe\x00", b"null", b"{}", b"[[[[", b"text"]


@pytest.fixture
def own_run(toy_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(toy_run, tmp_path / "run"))


@pytest.fixture
def own_data(phantoms: Path, tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(phantoms.parent, tmp_path / "data"))
    return folder / phantoms.name


def told(polyclinic, name: str, *words: object) -> str:
    code, _, said = polyclinic(*words)
    assert code == 4, said
    assert name in said
    assert "does not expect" not in said
    return said


@pytest.mark.parametrize("content", BROKEN)
@pytest.mark.parametrize("name", ["config.yaml", "calibration.json", "model.safetensors"])
def test_reading_names_the_damaged_file(polyclinic, own_run, phantoms, tmp_path, name, content):
    (own_run / name).write_bytes(content)
    told(polyclinic, name, "read", own_run, phantoms, "--out", tmp_path / "out")


@pytest.mark.parametrize("content", BROKEN)
@pytest.mark.parametrize("name", ["config.yaml", "split.json", "state.safetensors"])
def test_going_on_names_the_damaged_file(polyclinic, own_run, phantoms, name, content):
    if name == "split.json" and content == b"{}":
        pytest.skip("says that the annotations are others")
    (own_run / name).write_bytes(content)
    told(polyclinic, name, "fit", TOY, "--data", phantoms, "--out", own_run, "--resume")


@pytest.mark.parametrize("size", [1, 9, 200, -1])
def test_weights_cut_short_are_named(polyclinic, own_run, phantoms, tmp_path, size):
    file = own_run / "model.safetensors"
    file.write_bytes(file.read_bytes()[:size])
    told(polyclinic, file.name, "read", own_run, phantoms, "--out", tmp_path / "out")


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("seed: 0", "seed: yes", "seed = true: expected a whole number"),
        ("seed: 0", "sed: 0", "unknown key 'sed'"),
        ("recipe:", "reciep:", "lacks the key 'recipe'"),
        (f"recipe: {TOY}", "recipe: nosuch", "no recipe is named 'nosuch'"),
        (f"recipe: {TOY}", "recipe: [1]", "no recipe is named"),
        ("pyramid_channels: 16", "pyramid_channels: 24", "weights of another network"),
        ("pyramid_channels: 16", "pyramid_channels: 90000000", "weights of another network"),
        ("pyramid_channels: 16", f"pyramid_channels: {10**30}", "weights of another network"),
    ],
)
def test_changed_settings_are_named(polyclinic, own_run, phantoms, tmp_path, was, now, said):
    file = own_run / "config.yaml"
    text = file.read_text()
    assert was in text
    file.write_text(text.replace(was, now))
    assert said in told(
        polyclinic, "config.yaml", "read", own_run, phantoms, "--out", tmp_path / "out"
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.pop("image_ids"),
        lambda one: one["image_ids"].pop("val"),
        lambda one: one["image_ids"].update(train="abc"),
        lambda one: one["image_ids"].update(train=[[1]]),
        lambda one: one.update(image_ids=3),
        lambda one: one.update(audit=[]),
        lambda one: one["audit"].update(near_duplicates=3),
        lambda one: one["image_ids"].update(val=one["image_ids"]["train"]),
    ],
)
def test_a_split_of_another_form_is_named(polyclinic, own_run, phantoms, change):
    file = own_run / "split.json"
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))
    told(polyclinic, "split.json", "fit", TOY, "--data", phantoms, "--out", own_run, "--resume")


@pytest.mark.parametrize("kept", [True, False], ids=["with digests", "of an earlier version"])
def test_other_pixels_are_refused(polyclinic, own_data, tmp_path, kept):
    out = tmp_path / "mine"
    words = ("fit", TOY, "--data", own_data, "--out", out)
    assert polyclinic(*words)[0] == 0
    assert polyclinic(*words, "--resume")[0] == 0
    if not kept:
        (out / "contents.json").unlink()
    row = json.loads(own_data.read_text())["images"][0]
    file = own_data.parent / row["file_name"]
    image = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    changed = image[::-1, ::-1].copy()
    if kept:
        changed = image
        changed[0, 0] ^= 1  # a digest sees one bit
    cv2.imwrite(str(file), changed)
    said = told(polyclinic, str(out), *words, "--resume")
    assert f"1 of 8 images are not what they were when the run was started: {row['id']}" in said
    assert "another folder" in said


def test_class_names_are_no_markup(polyclinic, own_data, tmp_path):
    document = json.loads(own_data.read_text())
    for category, name in zip(document["categories"], ("[/x]", "[b]", "\x1b[31m"), strict=False):
        category["name"] = name
    data = own_data.with_name("[b] [yellow].json")
    data.write_text(json.dumps(document))
    code, said, wrong = polyclinic("check", data)
    assert code == 0, wrong
    assert "[/x]" in said
    out = tmp_path / "[b]"
    code, said, wrong = polyclinic("fit", TOY, "--data", data, "--out", out)
    assert code == 0, wrong
    assert "[b] [yellow].json: " in said
    assert "\x1b[31m" not in said
    for words in (("evaluate", out, "--data", data), ("read", out, data, "--out", tmp_path / "r")):
        code, said, wrong = polyclinic(*words)
        assert code == 0, wrong
        assert str(out) in said or str(tmp_path / "r") in said


def test_a_read_only_or_occupied_place_is_a_sentence(polyclinic, phantoms, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for out in (file / "below", tmp_path / ("n" * 300), file):
        code, _, said = polyclinic("fit", TOY, "--data", phantoms, "--out", out)
        assert code == 4, said
        assert str(out) in said
        assert "does not expect" not in said


def test_shares_with_commas_are_a_split(polyclinic, phantoms, tmp_path):
    words = ("fit", TOY, "--data", phantoms, "--out", tmp_path / "run")
    code, _, said = polyclinic(*words, "--set", "data.split=0.5,0.25,0.25")
    assert code == 0, said
    code, _, said = polyclinic(*words, "--set", "data.split=0.5,0.5")
    assert code == 2
    assert "data.split = [0.5, 0.5]: expected a list" in said
