from __future__ import annotations

import hashlib

import pytest

from polyclinic.data.dicom import described, read_dicom
from polyclinic.data.dicom.identity import identity_of, pseudonym
from polyclinic.sample import Sample, Spacing
from tests.data.dicom.made import PATIENT, SECRETS, STUDY, dataset, ramp, saved


def digits(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def test_ids_become_pseudonyms():
    identity = identity_of(dataset(ramp()))
    assert identity.patient_id == digits(PATIENT)
    assert identity.study_id == digits(STUDY)
    assert pseudonym(f" {PATIENT} ") == identity.patient_id


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_nobody_has_no_pseudonym(empty):
    assert pseudonym(empty) is None


@pytest.mark.parametrize(
    ("tags", "side"),
    [
        ({"ImageLaterality": "L", "Laterality": "R"}, "left"),
        ({"Laterality": "R"}, "right"),
        ({"ImageLaterality": "B"}, "both"),
        ({"ImageLaterality": "U"}, None),
        ({}, None),
    ],
)
def test_side(tags, side):
    assert identity_of(dataset(ramp(), **tags)).laterality == side


def test_device():
    named = identity_of(dataset(ramp(), Manufacturer="ACME ", ManufacturerModelName="X-1"))
    assert named.device == "ACME X-1"
    assert identity_of(dataset(ramp())).device is None


def test_nothing_that_is_kept_names_the_patient(tmp_path):
    image = read_dicom(saved(tmp_path / "film.dcm", ramp()))
    assert not any(secret in repr(image) for secret in SECRETS)


def test_annotations_count_before_the_file(tmp_path):
    file = str(saved(tmp_path / "film.dcm", ramp(), ImagerPixelSpacing=[0.2, 0.1], Laterality="L"))
    silent = described(Sample(image_id=1, size=(20, 30), file=file))
    assert silent.patient_id == digits(PATIENT)
    assert silent.spacing == Spacing(row_mm=0.2, column_mm=0.1, origin="detector")
    assert silent.laterality == "left"
    stated = Sample(
        image_id=1,
        size=(20, 30),
        file=file,
        patient_id="A",
        laterality="right",
        spacing=Spacing.square(0.5, "assumed"),
    )
    kept = described(stated)
    assert (kept.patient_id, kept.laterality) == ("A", "right")
    assert kept.spacing == stated.spacing
    assert kept.study_id == digits(STUDY)


def test_other_samples_stay_as_they_are(tmp_path):
    for file in (None, str(tmp_path / "none.png")):
        sample = Sample(image_id=1, size=(20, 30), file=file)
        assert described(sample) is sample
