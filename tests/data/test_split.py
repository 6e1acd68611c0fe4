from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from polyclinic.data import Cohort, Split, fold_cohort, split_cohort
from polyclinic.data.dealing import deal, part_sizes
from polyclinic.data.hashing import look_alikes, perceptual_hash
from polyclinic.data.patients import group_patients
from polyclinic.errors import ConfigError, DataError
from polyclinic.sample import Instance, Sample

BOX = np.array([1.0, 1, 5, 5])


def cohort_of(patients: list[str | None], labels=None, split=None, images=None) -> Cohort:
    random = np.random.default_rng(0)
    samples = tuple(
        Sample(
            image_id=row,
            size=(32, 32),
            image=random.integers(0, 256, (32, 32, 3)).astype(np.uint8)
            if images is None
            else images[row],
            patient_id=patient,
            labels={} if labels is None else {"state": labels[row]},
            instances=(Instance(box=BOX, category=row % 2),),
            extra={} if split is None else {"split": split[row]},
        )
        for row, patient in enumerate(patients)
    )
    return Cohort(samples=samples, classes=("a", "b"))


patient_lists = st.lists(st.integers(0, 9).map("p{}".format), min_size=3, max_size=40).filter(
    lambda patients: len(set(patients)) >= 3
)


@settings(max_examples=40, deadline=None)
@given(patients=patient_lists, seed=st.integers(0, 99))
def test_every_image_is_in_one_part_and_every_patient_too(patients, seed):
    cohort = cohort_of(patients)
    split = split_cohort(cohort, seed=seed)
    assert sorted(split.train + split.val + split.test) == list(range(len(patients)))
    homes = [{patients[row] for row in rows} for rows in split.parts.values()]
    assert all(homes)
    assert sum(map(len, homes)) == len(set(patients))
    assert split.audit.shared_patients == ()
    assert split.audit.message is None


@settings(max_examples=20, deadline=None)
@given(patients=patient_lists.filter(lambda some: len(set(some)) >= 4), folds=st.integers(2, 4))
def test_folds_cover_every_patient_once(patients, folds):
    splits = fold_cohort(cohort_of(patients), folds, seed=1)
    tested = [row for split in splits for row in split.test]
    assert sorted(tested) == list(range(len(patients)))
    for split in splits:
        assert all(split.parts.values())
        homes = [{patients[row] for row in rows} for rows in split.parts.values()]
        assert sum(map(len, homes)) == len(set(patients))


def test_a_split_depends_on_the_seed_alone():
    cohort = cohort_of([f"p{n}" for n in range(30)])
    first, again, other = (split_cohort(cohort, seed=seed).parts for seed in (1, 1, 2))
    assert first == again != other


def test_labels_are_in_proportion():
    labels = ["late"] * 40 + ["early"] * 20
    split = split_cohort(cohort_of([f"p{n}" for n in range(60)], labels), (0.5, 0.25, 0.25))
    found = {part: Counter(labels[row] for row in rows) for part, rows in split.parts.items()}
    assert found["train"] == {"late": 20, "early": 10}
    for part in ("val", "test"):
        assert abs(found[part]["late"] - 10) <= 1
    assert split.audit.strata["train"] == {"state=late": 20, "state=early": 10}


@given(st.integers(1, 60), st.lists(st.floats(0.05, 1), min_size=1, max_size=5))
def test_part_sizes_add_up_and_none_is_empty(number, shares):
    sizes = part_sizes(number, shares)
    assert sum(sizes) == number
    if number >= len(shares):
        assert min(sizes) >= 1
    assert all(
        abs(size - share / sum(shares) * number) < len(shares) + 1
        for size, share in zip(sizes, shares, strict=True)
    )


def test_each_name_has_the_same_chance_of_each_part():
    names = [f"n{n}" for n in range(10)]
    strata = {name: (name[-1] in "012" and "rare") or "common" for name in names}
    tested = Counter(
        name for seed in range(400) for name in deal(names, strata, (0.6, 0.2, 0.2), seed)[2]
    )
    assert sum(tested.values()) == 800
    for name in names:
        assert 50 < tested[name] < 110


def test_images_without_patients_are_said_loudly_and_once():
    split = split_cohort(cohort_of([None] * 6))
    assert "NO PATIENT IDS for 6 of 6" in split.audit.message
    stated = split_cohort(cohort_of(["same"] * 6), patient="image")
    assert "data.patient=image" in stated.audit.message
    assert stated.audit.patients == {"train": 4, "val": 1, "test": 1}


def test_the_split_of_the_file_is_kept():
    said = ["test", "train", "val", "train"]
    split = split_cohort(cohort_of(["a", "b", "c", "b"], split=said), "file")
    assert split.parts == {"train": (1, 3), "val": (2,), "test": (0,)}
    assert split.audit.class_counts["train"] == {"a": 0, "b": 2}
    with pytest.raises(DataError, match="patient b"):
        split_cohort(cohort_of(["b", "b", "c", "a"], split=said), "file")
    with pytest.raises(DataError, match="image 2: None"):
        split_cohort(cohort_of(["a", "b", "c", "d"], split=["test", "val", None, "train"]), "file")


def test_a_split_that_the_data_give_is_used_without_asking():
    said = ["Testing", "TRAIN", "validation", "training", "calib"]
    cohort = cohort_of(["a", "b", "c", "d", "e"], split=said)
    split = split_cohort(cohort)
    assert split.parts == {"train": (1, 3), "val": (2,), "test": (0,), "calibration": (4,)}
    assert split.audit.message is None
    with pytest.raises(DataError, match="image 1: 'fold 7'"):
        split_cohort(cohort_of(["a", "b"], split=["train", "fold 7"]))
    with pytest.raises(DataError, match="1 images have no usable 'split'"):
        split_cohort(cohort_of(["a", "b"], split=["train", ""]))
    with pytest.raises(DataError, match="no image is for training"):
        split_cohort(cohort_of(["a", "b"], split=["test", "val"]))
    assert split_cohort(cohort_of(["a", "b", "c"], split=["", None, ""])).parts


def test_a_given_split_that_is_not_used_is_said_loudly():
    cohort = cohort_of([f"p{n}" for n in range(8)], split=["test"] * 3 + ["train"] * 5)
    for split in (split_cohort(cohort, (0.5, 0.25, 0.25)), *fold_cohort(cohort, 4)):
        assert "THE SPLIT THAT THE DATA GIVE IS NOT USED" in split.audit.message


def test_validation_patients_come_from_training_where_the_data_name_none():
    """As of public sets that give train and test alone."""
    patients = [f"p{n // 2}" for n in range(40)]
    cohort = cohort_of(patients, split=["test"] * 10 + ["train"] * 30)
    split = split_cohort(cohort, seed=2)
    assert split.test == tuple(range(10))
    assert {*split.train} | {*split.val} == {*range(10, 40)}
    assert split.audit.patients == {"train": 13, "val": 2, "test": 5}
    assert split.audit.shared_patients == ()
    assert "2 of 15 training patients were taken" in split.audit.message


def test_a_stored_split_names_no_image_twice_and_says_what_it_leaves_out(tmp_path):
    cohort = cohort_of([None] * 6)
    document = split_cohort(cohort).to_json()
    path = tmp_path / "split.json"
    path.write_text(json.dumps(document))
    larger = cohort_of([None] * 8)
    assert "2 of 8 images are in no part" in split_cohort(larger, path).audit.message
    document["image_ids"]["test"] += document["image_ids"]["train"][:1]
    with pytest.raises(DataError, match="names 1 images more than once"):
        Split.from_json(document, cohort)


def test_a_stored_split_is_found_again(tmp_path):
    cohort = cohort_of([f"p{n // 2}" for n in range(20)])
    split = split_cohort(cohort, seed=3)
    path = tmp_path / "split.json"
    path.write_text(json.dumps(split.to_json()))
    turned = cohort.subset(range(19, -1, -1))
    again = split_cohort(turned, path)
    assert again.image_ids == split.image_ids
    assert again.audit == split.audit
    assert {turned.samples[row].image_id for row in again.test} == set(split.image_ids["test"])
    with pytest.raises(DataError, match="not in cohort"):
        split_cohort(cohort.subset(range(10)), path)
    with pytest.raises(DataError, match="no stored split"):
        Split.from_json({"train": []}, cohort)


@pytest.mark.parametrize(
    "fractions", [(0.5, 0.5), (0.5, 0.4, 0.2), (1.2, -0.2, 0), (0.7, 0.2, float("nan"))]
)
def test_impossible_fractions(fractions):
    with pytest.raises(ConfigError):
        split_cohort(cohort_of(["a", "b", "c"]), fractions)


def test_too_few_patients():
    with pytest.raises(DataError, match="2 patients for 3 parts"):
        split_cohort(cohort_of(["a", "b"]))
    assert split_cohort(cohort_of(["a", "b"]), (0.5, 0, 0.5)).val == ()
    with pytest.raises(DataError):
        fold_cohort(cohort_of(["a", "b", "c", "d"]), 5)
    with pytest.raises(ConfigError):
        fold_cohort(cohort_of(["a", "b", "c", "d"]), 1)


def smooth(seed: int) -> np.ndarray:
    small = np.random.default_rng(seed).integers(0, 256, (9, 9, 3)).astype(np.uint8)
    return np.array(Image.fromarray(small).resize((120, 90), Image.Resampling.BICUBIC))


def test_look_alikes_of_other_parts_are_audited():
    pictures = [smooth(seed) for seed in range(6)]
    altered = Image.fromarray(pictures[0]).resize((80, 60)).point(lambda v: min(255, v + 12))
    pictures[5] = np.array(altered)
    samples = tuple(
        Sample(image_id=row, size=one.shape[:2], image=one, patient_id=str(row), extra={"split": s})
        for row, (one, s) in enumerate(
            zip(pictures, ["train", "train", "train", "val", "val", "test"], strict=True)
        )
    )
    audit = split_cohort(Cohort(samples=samples), "file").audit
    (pair,) = audit.near_duplicates
    assert (pair.first, pair.first_part, pair.second, pair.second_part) == (0, "train", 5, "test")
    assert audit.hashed == 6


def test_look_alikes_of_one_group_are_not_compared():
    hashes = np.array([perceptual_hash(smooth(seed)) for seed in (1, 1, 2, 1)])
    assert look_alikes(hashes, ["a", "a", "a", "b"]) == [(3, 0, 0)]
    assert [pair[0] for pair in look_alikes(hashes, range(4))] == [1, 3]


def test_a_fourth_share_is_for_calibration():
    cohort = cohort_of([f"p{i % 20}" for i in range(40)])
    split = split_cohort(cohort, (0.5, 0.1, 0.2, 0.2))
    assert [len(rows) for rows in split.parts.values()] == [20, 4, 8, 8]
    stored = Split.from_json(split.to_json(), cohort)
    assert stored.parts == split.parts
    assert list(split_cohort(cohort, (0.6, 0.2, 0.2)).parts) == ["train", "val", "test"]


def test_a_stored_split_with_a_patient_on_two_sides_is_refused():
    cohort = cohort_of(["a", "b", "c", "d"])
    document = split_cohort(cohort, (0.5, 0.25, 0.25)).to_json()
    leaking = cohort_of(["a", "a", "a", "a"])
    with pytest.raises(DataError, match="patient a"):
        Split.from_json(document, leaking)
    assert Split.from_json(document, leaking, "image").parts


def test_labels_that_measure_are_no_strata():
    cohort = cohort_of([f"p{i}" for i in range(12)])
    samples = tuple(
        replace(one, labels={"length": 3.5 * i, "grade": i % 2})
        for i, one in enumerate(cohort.samples)
    )
    strata = group_patients(replace(cohort, samples=samples)).strata
    assert set(strata.values()) == {"grade=0", "grade=1"}


def test_labels_that_differ_within_a_patient_are_no_strata():
    """A stain says nothing about the patient; where nothing else is known it must do."""
    cohort = cohort_of([f"p{i // 3}" for i in range(12)])
    stains = ("IgG", "IgA", "C3")
    samples = [replace(s, labels={"stain": stains[i % 3]}) for i, s in enumerate(cohort.samples)]
    labelled = [
        replace(s, labels={**s.labels, "label": f"d{i // 6}"}) if i % 3 else s
        for i, s in enumerate(samples)
    ]
    strata = group_patients(replace(cohort, samples=tuple(labelled))).strata
    assert set(strata.values()) == {"label=d0", "label=d1"}
    bare = group_patients(replace(cohort, samples=tuple(samples))).strata
    assert set(bare.values()) <= {f"stain={stain}" for stain in stains}


@pytest.mark.parametrize("seed", range(20))
def test_each_part_has_both_values_of_a_label_that_enough_patients_have(seed):
    labels = ["ill"] * 4 + ["well"] * 36
    split = split_cohort(cohort_of([f"p{n}" for n in range(40)], labels), seed=seed)
    for rows in split.parts.values():
        assert {labels[row] for row in rows} == {"ill", "well"}
    assert [len(rows) for rows in split.parts.values()] == [28, 6, 6]


@pytest.mark.parametrize("seed", range(10))
def test_a_rare_value_is_in_training_and_validation_of_each_fold(seed):
    labels = ["ill"] * 4 + ["well"] * 26
    for split in fold_cohort(cohort_of([f"p{n}" for n in range(30)], labels), 4, seed=seed):
        for rows in split.parts.values():
            assert {labels[row] for row in rows} == {"ill", "well"}


def test_kinds_and_second_labels_are_spread_as_well():
    cohort = cohort_of([f"p{n}" for n in range(30)], ["ill"] * 3 + ["well"] * 27)
    rare = frozenset(range(10, 13))
    samples = tuple(
        replace(one, labels=dict(one.labels) | {"site": "north" if row in rare else "south"})
        for row, one in enumerate(cohort.samples)
    )
    for seed in range(10):
        split = split_cohort(replace(cohort, samples=samples), seed=seed)
        for rows in split.parts.values():
            assert rare & set(rows)
            assert set(range(3)) & set(rows)
