from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from polyclinic.data import open_cohort
from polyclinic.data.dicom import read_header
from polyclinic.errors import ConfigError
from polyclinic.schema import KNEE_CLASSES, KNEE_LANDMARKS
from polyclinic.systems.knee.phantoms import KneePhantomConfig, make_cohort
from polyclinic.systems.knee.phantoms.cohort import _grade, _kind
from tests.systems.knee.phantoms.people import SMALL


def make(folder, patients=1, seed=7, config=SMALL, **more):
    return make_cohort(folder, patients=patients, seed=seed, config=config, **more)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    return open_cohort(make(tmp_path_factory.mktemp("knees"), patients=40))


def test_a_written_cohort_reads_back(tmp_path):
    steps = []
    file = make(tmp_path, 3, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(1, 3), (2, 3), (3, 3)]
    cohort = open_cohort(file)
    assert not cohort.skipped
    assert cohort.classes == KNEE_CLASSES
    assert cohort.landmark_schema == KNEE_LANDMARKS
    assert [s.patient_id for s in cohort.samples] == ["p001", "p002", "p003"]
    assert (tmp_path / "films" / "p003.dcm").is_file()
    first = cohort.load(0)
    assert first.pixels.shape == (*first.size, 3)
    assert first.pixels.dtype == np.uint8
    assert 20 < first.pixels.mean() < 220


def test_files_and_annotations_agree_on_size_and_scale(many):
    for sample in many.samples:
        header = read_header(sample.file)
        assert header.size == sample.size
        assert header.spacing.row_mm == pytest.approx(sample.spacing.row_mm, abs=1e-6)
        assert header.spacing.origin == sample.spacing.origin == "detector"
        assert header.identity.laterality == sample.laterality


def test_knees_are_annotated_one_by_one(many):
    kinds = Counter(one.labels["knee"] for s in many.samples for one in s.instances)
    assert set(kinds) <= {"native", "implant"}
    for sample in many.samples:
        assert sample.instances is not None
        assert len({one.category for one in sample.instances}) == len(sample.instances)
        for one in sample.instances:
            if one.labels["knee"] == "implant":
                assert one.landmarks is None
                assert "kl" not in one.labels
            else:
                assert one.landmarks.shape == (16, 3)
                assert one.labels["kl"] in range(5)
                seen = one.landmarks[one.landmarks[:, 2] > 0, :2]
                assert (seen > one.box[:2]).all()
                assert (seen < one.box[2:]).all()


def test_the_laterality_of_single_films_is_that_of_their_knee(many):
    single = [s for s in many.samples if s.laterality != "both"]
    assert len(single) == pytest.approx(0.15 * 40, abs=1.5)
    for sample in single:
        (knee,) = sample.instances
        assert KNEE_CLASSES[knee.category] == f"{sample.laterality} knee"


def test_shares_are_met_in_small_cohorts():
    for seed in range(5):
        kinds = Counter(_kind(n, 0, seed, KneePhantomConfig()) for n in range(100))
        assert kinds["missing"] == pytest.approx(4, abs=2)
        assert kinds["single"] == pytest.approx(15, abs=2)


def test_all_knees_are_replaced_when_asked(tmp_path):
    cohort = open_cohort(make(tmp_path, config=SMALL.model_copy(update={"implants": 1.0})))
    assert all(one.labels["knee"] == "implant" for one in cohort.samples[0].instances)


def test_grades_are_dealt_evenly(many):
    dealt = Counter(_grade(number, 3) for number in range(50))
    assert dealt == dict.fromkeys(range(5), 10)
    knees = Counter(one.labels.get("kl") for s in many.samples for one in s.instances)
    assert min(knees[grade] for grade in range(5)) >= 7


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    once, twice, other = (
        make(tmp_path / name, seed=s) for name, s in zip("abc", (3, 3, 4), strict=True)
    )
    assert once.read_bytes() == twice.read_bytes() != other.read_bytes()
    films = [(f.parent / "films" / "p001.dcm").read_bytes() for f in (once, twice, other)]
    assert films[0] == films[1] != films[2]


def test_more_patients_do_not_change_the_earlier_ones(tmp_path):
    few, many = make(tmp_path / "few", 1), make(tmp_path / "many", 3)
    name = "films/p001.dcm"
    assert (few.parent / name).read_bytes() == (many.parent / name).read_bytes()


def test_further_films_show_the_same_bones_elsewhere(tmp_path):
    both = SMALL.model_copy(update={"films_per_patient": 2, "single": 0.0, "missing": 0.0})
    first, second = open_cohort(make(tmp_path, config=both)).samples
    assert first.patient_id == second.patient_id
    assert first.file != second.file
    one, other = first.instances[0], second.instances[0]
    assert one.labels == other.labels
    assert one.extra["truth"] == other.extra["truth"]
    assert not np.allclose(one.landmarks, other.landmarks)


def test_impossible_settings_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="0 patients"):
        make(tmp_path, patients=0)
    with pytest.raises(ValueError, match="lower one first"):
        KneePhantomConfig(spacing_mm=(0.4, 0.2))
    with pytest.raises(ValueError, match="at most 1"):
        KneePhantomConfig(missing=0.6, single=0.6)
