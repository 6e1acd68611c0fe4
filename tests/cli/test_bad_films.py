"""Films as they come from archives: the right pixels or one clear message, and never a name.

What each fault says, and every pixel, is tested where files are decoded (tests/data/dicom); here
all of it goes through `polyclinic read` with a knee run.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from pydicom.uid import RLELossless

from polyclinic.data import read_image
from polyclinic.fitting.fit import fit
from tests.data.dicom.made import NAME, PATIENT, SECRETS, dataset, saved
from tests.data.dicom.test_faults import PRIVATE, rewritten
from tests.systems.knee.knee_films import TINY, as_coco, patient

SCALE = {"ImagerPixelSpacing": [1.5, 1.5], "ImageLaterality": "B"}
GREY = patient(2).pixels[..., 0]
WIDE = GREY.astype(np.uint16) * 16
"""12 bits in 16, without a window, as detectors write them."""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A knee run that was trained for a moment."""
    folder = tmp_path_factory.mktemp("knees")
    fit("knee", as_coco(folder), folder / "run", TINY)
    return folder / "run"


def truncated(path):
    whole = saved(path, WIDE, **SCALE).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def cut_in_the_header(path):
    whole = saved(path, WIDE, **SCALE).read_bytes()
    path.write_bytes(whole[: whole.index(NAME.encode()) + 4])
    return path


def private_codec(path):
    return rewritten(saved(path, WIDE, **SCALE), PRIVATE)


def broken_codec(path):
    """Compressed, with its fragments cut short."""
    ds = dataset(WIDE, **SCALE)
    ds.compress(RLELossless)
    ds.PixelData = ds.PixelData[:80]
    ds.save_as(path, enforce_file_format=True)
    return path


def changed(**tags):
    scale = {name: value for name, value in SCALE.items() if tags.get(name, value) is not None}
    gone = {name for name in SCALE if name not in scale}
    others = {name: value for name, value in tags.items() if name not in gone}
    return lambda path: saved(path, WIDE, **(scale | others))


REPORT = "1.2.840.10008.5.1.4.1.1.88.11"
REFUSED = {
    "without pixels": (changed(PixelData=None), "no pixel data"),
    "a report": (changed(PixelData=None, Rows=None, SOPClassUID=REPORT), "Text SR"),
    "without photometric": (changed(PhotometricInterpretation=None), "no photometric"),
    "another photometric": (changed(PhotometricInterpretation="LATIN"), "MONOCHROME1"),
    "colour of one sample": (changed(PhotometricInterpretation="RGB"), "RGB with 1 samples"),
    "no palette": (changed(PhotometricInterpretation="PALETTE COLOR"), "without a palette"),
    "more bits than there are": (changed(BitsStored=17), "17 bits stored"),
    "truncated": (truncated, "bytes of pixels"),
    "cut in the header": (cut_in_the_header, "truncated or damaged"),
    "a private codec": (private_codec, "private way"),
    "a broken codec": (broken_codec, "decoded"),
    "without scale": (changed(ImagerPixelSpacing=None), "--spacing-um"),
    "an impossible scale": (changed(ImagerPixelSpacing=[0.0, 0.0]), "--spacing-um"),
}


SHOWN = SCALE | {"WindowCenter": 2040.5, "WindowWidth": 4081}
"""The window shows 0 as black and 4080 as white, so the 8 bits are those of the colour film."""


def shifted(path):
    """Signed numbers that a negative slope turns round."""
    values = 2000 - WIDE.astype(np.int16)
    return saved(path, values, RescaleSlope=-1, RescaleIntercept=2000, **SHOWN)


def planar(path):
    colours = np.repeat(GREY[..., None], 3, axis=2)
    planes = np.ascontiguousarray(colours.transpose(2, 0, 1)).tobytes()
    return saved(path, colours, PlanarConfiguration=1, PixelData=planes, **SCALE)


def compressed(path):
    ds = dataset(WIDE, **SHOWN)
    ds.compress(RLELossless)
    ds.save_as(path, enforce_file_format=True)
    return path


EQUAL = {
    "12 bits in 16": lambda path: saved(path, WIDE, BitsStored=12, HighBit=11, **SHOWN),
    "a negative rescale": shifted,
    "planar colours": planar,
    "compressed": compressed,
    "inverted": lambda path: saved(
        path, 4080 - WIDE, PhotometricInterpretation="MONOCHROME1", **SHOWN
    ),
}


def assert_no_name(*folders, said=""):
    """Nor birth date, nor id, in whatever was written or said."""
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    everything = b"".join(file.read_bytes() for file in files) + said.encode()
    assert [secret for secret in SECRETS if secret.encode() in everything] == []


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    """All that can't be read, and one film that can."""
    folder = tmp_path_factory.mktemp("bad")
    saved(folder / "good.dcm", WIDE, **SCALE)
    for name, (write, _) in REFUSED.items():
        write(folder / f"{name}.dcm")
    return folder


def test_every_fault_is_a_row_and_the_good_film_is_read(polyclinic, run, bad, tmp_path, caplog):
    out = tmp_path / "out"
    code, said, complained = polyclinic("read", run, bad, "--out", out)
    assert code == 6
    text = " ".join((said + complained).split())
    assert f"read 1 of {len(REFUSED) + 1} images" in text
    assert "Traceback" not in text
    images = json.loads((out / "readings.json").read_text())["images"]
    errors = {image["file_name"].rpartition("/")[2]: image.get("error") for image in images}
    assert errors.pop("good.dcm") is None
    for name, (_, message) in REFUSED.items():
        assert message in errors[f"{name}.dcm"], name
        assert f"{name}.dcm" in errors[f"{name}.dcm"]
    table = pd.read_csv(out / "measurements.csv")
    flagged = table[table["flag"].fillna("").str.startswith("error: ")]
    assert len(flagged) == len(REFUSED)
    assert ["good" in file.name for file in (out / "overlays").iterdir()] == [True]
    assert_no_name(out, said=said + complained + caplog.text)


@pytest.mark.parametrize("name", ["without pixels", "without scale", "a private codec"])
def test_a_single_bad_film_leaves_6(polyclinic, run, bad, tmp_path, name):
    code, said, complained = polyclinic("read", run, bad / f"{name}.dcm", "--out", tmp_path / "o")
    assert code == 6
    assert "read 0 of 1 images" in said
    assert REFUSED[name][1] in " ".join((said + complained).split())
    assert_no_name(tmp_path / "o", said=said + complained)


def test_a_stated_scale_is_taken_where_the_film_has_none(polyclinic, run, bad, tmp_path):
    films = [bad / "without scale.dcm", bad / "an impossible scale.dcm", bad / "good.dcm"]
    out = tmp_path / "out"
    code, said, _ = polyclinic("read", run, *films, "--out", out, "--spacing-um", 1500)
    assert code == 0
    assert "read 3 of 3 images" in said
    images = json.loads((out / "readings.json").read_text())["images"]
    assert [image["spacing_source"] for image in images] == ["assumed", "assumed", "detector"]
    table = pd.read_csv(out / "measurements.csv")
    values = [group["value"].tolist() for _, group in table.groupby("image", sort=False)]
    assert values[0] == pytest.approx(values[2], nan_ok=True)


def test_however_a_film_is_stored_it_is_read_the_same(polyclinic, run, tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    for name, write in EQUAL.items():
        shown = read_image(write(folder / f"{name}.dcm"))
        assert np.abs(shown - GREY[..., None].astype(float)).max() <= 1, name
    code, said, complained = polyclinic("read", run, folder, "--out", tmp_path / "out")
    assert code == 0, said + complained
    document = json.loads((tmp_path / "out" / "readings.json").read_text())
    found = {image["id"]: [] for image in document["images"]}
    for one in document["annotations"]:
        found[one["image_id"]].append((one["category_id"], one["score"]))
    first, *others = [sorted(some) for some in found.values()]
    assert len(others) == len(EQUAL) - 1
    for some in others:
        assert np.array(some) == pytest.approx(np.array(first), abs=0.02)
    assert_no_name(tmp_path / "out", said=said + complained)


@pytest.mark.slow
def test_training_on_films_writes_no_name(polyclinic, tmp_path, caplog):
    """Into logs, split, weights and report of a run on DICOM files."""
    rows, knees = [], []
    for number in range(6):
        film = patient(number)
        saved(
            tmp_path / f"{number}.dcm",
            film.pixels[..., 0],
            PatientID=f"{PATIENT}{number}",
            PatientName=NAME,
            **SCALE,
        )
        rows.append({"id": number, "file_name": f"{number}.dcm", "laterality": film.laterality})
        for one in film.instances:
            x1, y1, x2, y2 = one.box
            marks = [] if one.landmarks is None else one.landmarks.ravel().tolist()
            knees.append(
                {
                    "id": len(knees) + 1,
                    "image_id": number,
                    "category_id": one.category + 1,
                    "bbox": [x1 + 0.5, y1 + 0.5, x2 - x1, y2 - y1],
                    "labels": dict(one.labels),
                    **({"keypoints": marks, "num_keypoints": 16} if marks else {}),
                }
            )
    document = json.loads(as_coco(tmp_path).read_text())
    data = tmp_path / "data.json"
    document |= {"images": rows, "annotations": knees}
    data.write_text(json.dumps(document))
    settings = tmp_path / "tiny.yaml"
    settings.write_text(json.dumps(TINY | {"data": TINY["data"] | {"split": [0.4, 0.3, 0.3]}}))
    out = tmp_path / "run"
    said = ""
    for verb in (
        ("check", data),
        ("fit", "knee", "--data", data, "--out", out, "--config", settings),
        ("evaluate", out, "--data", data),
    ):
        code, printed, complained = polyclinic(*verb)
        assert code == 0, printed + complained
        said += printed + complained
    assert_no_name(out, said=said + caplog.text)
