from __future__ import annotations

import csv
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from polyclinic.data import open_cohort
from polyclinic.errors import ConfigError
from polyclinic.systems.kidney.phantoms import DISEASES, STAINS, make_cohort
from polyclinic.systems.kidney.phantoms.cohort import COLUMNS, _disease, _level
from polyclinic.systems.kidney.phantoms.light import defocus

LABELS = {one.label for one in DISEASES}
BRIGHTNESS_ALONE = 0.5
"""Share of patients of four equal classes that brightness may get right; guessing gets 0.25."""


def make(folder, patients=4, images_per_patient=3, seed=7, side=48, **more):
    return make_cohort(
        folder,
        patients=patients,
        images_per_patient=images_per_patient,
        seed=seed,
        side=side,
        **more,
    )


def rows_of(table):
    with table.open(newline="") as file:
        return list(csv.DictReader(file))


def pixels(file):
    with Image.open(file) as image:
        return np.asarray(image)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return make(tmp_path_factory.mktemp("kidney"), patients=200, side=64)


def test_a_written_cohort_reads_back(tmp_path):
    steps = []
    table = make(tmp_path, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(done, 12) for done in range(1, 13)]
    assert table == tmp_path / "table.csv"
    cohort = open_cohort(table)
    assert not cohort.skipped
    counts = Counter(one.patient_id for one in cohort.samples)
    assert counts == {f"p00{number}": 3 for number in (1, 2, 3, 4)}
    assert {one.labels["label"] for one in cohort.samples} == LABELS
    assert {one.labels["stain"] for one in cohort.samples} == set(STAINS)
    assert all(one.instances is None for one in cohort.samples)
    first = cohort.load(0)
    assert first.pixels.shape == (48, 48, 3)
    assert first.pixels.dtype == np.uint8
    stored = pixels(first.file)
    assert np.abs(first.pixels[..., 0] - stored / 4095 * 255).max() <= 0.51


def test_the_table_has_its_columns(table):
    assert table.read_text().splitlines()[0] == ",".join(COLUMNS)
    for row in rows_of(table):
        assert row["image"] == f"images/{Path(row['image']).name}"
        assert (row["sharp_image"] == "") == (float(row["quality"]) == 0)
        values = pixels(table.parent / row["image"])
        assert values.dtype == np.uint16
        assert values.max() <= 4095


def test_one_patient_has_one_disease_and_every_stain(table):
    rows = rows_of(table)
    assert len({(row["patient_id"], row["label"]) for row in rows}) == 200
    for _, stain in Counter((row["patient_id"], row["stain"]) for row in rows).items():
        assert stain == 1
    assert Counter(row["label"] for row in rows) == dict.fromkeys(LABELS, 150)


def test_diseases_are_dealt_evenly():
    dealt = [_disease(number, 3).label for number in range(80)]
    assert Counter(dealt) == dict.fromkeys(LABELS, 20)
    assert [_disease(number, 3).label for number in range(8)] == dealt[:8]


def test_four_fields_in_ten_are_out_of_focus_at_every_level(table):
    counts = Counter(float(row["quality"]) for row in rows_of(table))
    assert counts[0] / 600 == pytest.approx(0.6, abs=0.02)
    for level in range(1, 5):
        assert counts[level / 4] / 600 == pytest.approx(0.1, abs=0.02)
    for seed in range(5):
        few = [_level(number, index, seed) > 0 for number in range(10) for index in range(3)]
        assert np.mean(few) == pytest.approx(0.4, abs=0.1)


def test_focus_says_nothing_of_the_disease(table):
    blurred = Counter(row["label"] for row in rows_of(table) if row["sharp_image"])
    assert max(blurred.values()) - min(blurred.values()) < 30


def test_the_sharp_partner_out_of_focus_is_the_image(table):
    checked = 0
    for row in rows_of(table)[:150]:
        if row["sharp_image"]:
            image, sharp = (
                pixels(table.parent / row[key]).astype(np.float32) / 4095
                for key in ("image", "sharp_image")
            )
            inside = sharp < 1  # what was too bright is cut off in the one, not in the other
            left = (image - defocus(sharp, 4 * float(row["quality"])))[inside]
            assert left.std() < 0.03
            assert abs(left.mean()) < 0.01
            checked += 1
    assert checked > 40


def test_neighbours_of_a_patient_are_different_fields(table):
    for one, other in pairwise(rows_of(table)[:20]):
        images = [pixels(table.parent / row["image"]) for row in (one, other)]
        assert abs(np.corrcoef(images[0].ravel(), images[1].ravel())[0, 1]) < 0.9


def test_brightness_alone_does_not_tell_the_diseases_apart(table):
    features, labels = {}, {}
    for row in rows_of(table):
        image = pixels(table.parent / row["image"]) / 4095
        measures = (image.mean(), image.std(), image.max())
        features.setdefault(row["patient_id"], []).append(measures)
        labels[row["patient_id"]] = row["label"]
    mean = [np.mean(one, axis=0) for one in features.values()]
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    assert cross_val_score(model, mean, list(labels.values()), cv=5).mean() < BRIGHTNESS_ALONE


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    once, twice, other = (
        make(tmp_path / name, seed=one) for name, one in zip("abc", (3, 3, 4), strict=True)
    )
    assert once.read_bytes() == twice.read_bytes()
    names = [row[key] for row in rows_of(once) for key in ("image", "sharp_image") if row[key]]
    assert any(name.startswith("sharp") for name in names)
    for name in names:
        assert (once.parent / name).read_bytes() == (twice.parent / name).read_bytes()
    first = names[0]
    assert (once.parent / first).read_bytes() != (other.parent / first).read_bytes()


def test_more_patients_and_images_do_not_change_the_earlier_ones(tmp_path):
    few, many = make(tmp_path / "few", 2, 2), make(tmp_path / "many", 5, 4)
    later = {row["image"]: row for row in rows_of(many)}
    for row in rows_of(few):
        assert later[row["image"]] == row
        for key in ("image", "sharp_image"):
            if row[key]:
                assert (few.parent / row[key]).read_bytes() == (many.parent / row[key]).read_bytes()


def test_what_can_not_be_made_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="at least 1"):
        make(tmp_path, patients=0)
    with pytest.raises(ConfigError, match="48 to 1024"):
        make(tmp_path, side=40)
