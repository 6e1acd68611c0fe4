"""People whom the training has seen, under whatever spelling they come back."""

from __future__ import annotations

import json

import numpy as np
import pytest

from polyclinic.data import Cohort, Split, split_cohort
from polyclinic.evaluation.leaks import _across_parts, seen_before
from polyclinic.runs.fingerprints import FILE, Fingerprints
from polyclinic.sample import Sample


def cohort_of(*people, seed=0):
    random = np.random.default_rng(seed)
    return Cohort(
        samples=tuple(
            Sample(
                image_id=f"{seed}-{row}",
                size=(32, 32),
                image=random.integers(0, 256, (32, 32, 3)).astype(np.uint8),
                patient_id=patient,
                study_id=study,
            )
            for row, (patient, study) in enumerate(people)
        )
    )


@pytest.fixture
def known():
    cohort = cohort_of(("P01", "s1"), ("Q2", None), (None, "s7"))
    return Fingerprints.of_split(cohort, split_cohort(cohort))


def whys(known, *people, patient="auto"):
    found = seen_before(known, cohort_of(*people, seed=1), patient)
    return {leak.image: leak.why for leak in found}


def test_people_are_known_again_by_patient_and_by_study(known):
    others = (("P01", None), ("p-1", None), ("P02", None), (None, "s7"), (None, "s8"))
    assert whys(known, *others) == {
        "1-0": "same patient id",
        "1-1": "nearly the same patient id",
        "1-3": "same study id",
    }
    assert "1-1" not in whys(known, *others, patient="exact")


def test_what_a_run_stored_knows_them_too(known, tmp_path):
    document = known.to_json()
    (tmp_path / FILE).write_text(json.dumps(document))
    assert whys(Fingerprints.of_run(tmp_path), ("p1", None)) == {
        "1-0": "nearly the same patient id"
    }
    for row in document["images"]:  # as runs stored them before spellings were compared
        del row["patient_key"], row["study_id"]
    (tmp_path / FILE).write_text(json.dumps(document))
    old = Fingerprints.of_run(tmp_path)
    assert whys(old, ("p1", None), (None, "s7")) == {"1-0": "nearly the same patient id"}


def test_a_split_that_was_stored_before_spellings_were_compared_is_opened_and_its_leaks_named():
    cohort = cohort_of(("P01", None), ("p01", None), ("Q", None), (None, "s"), (None, "s"))
    document = split_cohort(cohort, (0.5, 0.25, 0.25)).to_json()
    ids = [sample.image_id for sample in cohort.samples]
    document["image_ids"] = {"train": [ids[0], ids[3]], "val": [ids[2]], "test": [ids[1], ids[4]]}
    del document["audit"]["alike_patients"]
    split = Split.from_json(document, cohort)
    assert split.audit.alike_patients == (("P01", "p01"),)
    found = {leak.image: leak.why for leak in _across_parts(split, "test", cohort, "auto")}
    assert found == {ids[1]: "nearly the same patient id", ids[4]: "same study id"}
    assert not list(_across_parts(split, "test", cohort, "image"))
