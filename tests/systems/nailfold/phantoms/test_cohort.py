from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from polyclinic.data import open_cohort
from polyclinic.errors import ConfigError
from polyclinic.schema import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS
from polyclinic.systems.nailfold.phantoms import STATES, NailfoldPhantomConfig, make_cohort

CONFIG = NailfoldPhantomConfig(size=(256, 384), um_per_px=3.4)


def make(folder, patients=4, images_per_patient=2, seed=7, **more):
    return make_cohort(
        folder,
        patients=patients,
        images_per_patient=images_per_patient,
        seed=seed,
        config=CONFIG,
        **more,
    )


def test_a_written_cohort_reads_back(tmp_path):
    steps = []
    file = make(tmp_path, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(done, 8) for done in range(1, 9)]
    cohort = open_cohort(file)
    assert not cohort.skipped
    assert cohort.classes == NAILFOLD_CLASSES
    assert cohort.landmark_schema == NAILFOLD_LANDMARKS
    assert Counter(s.patient_id for s in cohort.samples) == {f"p00{n}": 2 for n in (1, 2, 3, 4)}
    assert {s.labels["state"] for s in cohort.samples} == set(STATES)
    first = cohort.load(0)
    assert first.pixels.shape == (256, 384, 3)
    assert first.spacing.row_mm == pytest.approx(0.0034)
    assert first.spacing.origin == "calibrated"
    for one in first.instances:
        assert np.array_equal(one.box, one.mask.box())
        assert one.extra["truth"]["shape"]


def test_one_patient_has_one_state_and_one_device(tmp_path):
    samples = open_cohort(make(tmp_path)).samples
    traits = {(s.patient_id, s.labels["state"], s.device) for s in samples}
    assert len(traits) == 4
    assert len({s.study_id for s in samples}) == 8
    assert {s.laterality for s in samples} == {"left", "right"}


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    once, twice, other = (
        make(tmp_path / name, 1, 1, s) for name, s in zip("abc", (3, 3, 4), strict=True)
    )
    assert once.read_bytes() == twice.read_bytes() != other.read_bytes()
    pictures = [(f.parent / "images" / "p001_01.jpg").read_bytes() for f in (once, twice, other)]
    assert pictures[0] == pictures[1] != pictures[2]


def test_more_images_do_not_change_the_earlier_ones(tmp_path):
    few, many = make(tmp_path / "few", 1, 1), make(tmp_path / "many", 2, 2)
    name = "images/p001_01.jpg"
    assert (few.parent / name).read_bytes() == (many.parent / name).read_bytes()


def test_a_cohort_of_nothing_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="at least 1"):
        make(tmp_path, patients=0)
