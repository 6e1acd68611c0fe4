"""Stress of a reader whose readings are known: it reads how sharp an image is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from polyclinic.data.degrade import KINDS, LEVELS
from polyclinic.errors import ConfigError
from polyclinic.evaluation.evaluate import evaluate
from polyclinic.evaluation.judging import judge_cases, with_intervals
from polyclinic.evaluation.stress import RESTORATION, Worse, part_of, put_under_stress, rereading
from polyclinic.evaluation.subject import Subject
from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.metrics.figure import Metric
from polyclinic.reading import Reading
from polyclinic.sample import Sample
from tests.data.degrade.pictures import sharpness, textured
from tests.evaluation.stored import write_cohort, write_readings

IMAGE = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
OTHER = IMAGE[::-1].copy()
SAMPLE = Sample(image_id="a", size=(40, 50), image=IMAGE, file="a.png", labels={"grade": 1})


def worse(kind, level, sample=SAMPLE, quality="quality"):
    return Worse(KINDS[kind], level, quality)(sample)


@pytest.mark.parametrize("kind", KINDS)
def test_image_and_partner(kind):
    changed = worse(kind, 2)
    assert np.array_equal(changed.image, KINDS[kind].degrade(IMAGE, 2, "a"))
    assert (changed.sharp is IMAGE) == (kind != "gamma")
    assert changed.size == SAMPLE.size
    assert changed.file == "a.png"


@pytest.mark.parametrize("kind", KINDS)
def test_a_stored_partner_stays_the_aim(kind):
    waiting = worse(kind, 2, replace(SAMPLE, sharp_file="b.png"))
    assert waiting.sharp is None
    assert waiting.sharp_file == (None if kind == "gamma" else "b.png")
    loaded = worse(kind, 2, replace(SAMPLE, sharp=OTHER, sharp_file="b.png"))
    expected = KINDS[kind].degrade(OTHER, 2, "a") if kind == "gamma" else OTHER
    assert np.array_equal(loaded.sharp, expected)


def test_partner_and_image_are_brought_into_the_same_light():
    changed = worse("gamma", 3, replace(SAMPLE, sharp=IMAGE))
    assert np.array_equal(changed.sharp, changed.image)


@pytest.mark.parametrize("kind", ["blur", "defocus"])
def test_blur_is_labelled_where_quality_is_read(kind):
    assert [worse(kind, level).labels["quality"] for level in (1, 2, 4)] == [0.25, 0.5, 1.0]
    assert worse(kind, 2, quality=None).labels == {"grade": 1}


@pytest.mark.parametrize("kind", ["noise", "jpeg", "gamma"])
def test_nothing_else_is(kind):
    assert worse(kind, 2).labels == {"grade": 1}


def test_a_poor_image_blurred_once_more_has_no_known_quality():
    poor, good = (replace(SAMPLE, labels={"quality": value}) for value in (0.5, 0.0))
    assert worse("blur", 1, poor).labels == {}
    assert worse("blur", 1, good).labels == {"quality": 0.25}
    assert worse("noise", 1, poor).labels == {"quality": 0.5}


def test_the_image_as_stored_is_not_read_in_its_place():
    deep = IMAGE.astype(np.uint16) * 257
    assert worse("noise", 1, replace(SAMPLE, deep=deep)).deep is None


SAMPLES = tuple(
    Sample(
        image_id=number,
        size=(48, 64),
        image=textured(size=(48, 64), seed=number),
        patient_id=f"p{number // 2}",
        labels={"grade": number % 2},
    )
    for number in range(12)
)
BEST = {one.image_id: sharpness(one.image) for one in SAMPLES}


def read(sample):
    """Badness from the sharpness that is lost; the grade is right while little is lost."""
    lost = 1 - sharpness(sample.image) / BEST[sample.image_id]
    right, grade = lost < 0.1 + sample.image_id / 24, sample.labels["grade"]
    odds = [0.1, 0.1]
    odds[grade if right else 1 - grade] = 0.9
    return Reading(
        image_id=sample.image_id,
        size=sample.size,
        patient_id=sample.patient_id,
        findings={"grade": {"0": odds[0], "1": odds[1]}},
        quality={"quality": lost},
        provenance={},
    )


def cases_of(change=lambda sample: sample, told=None):
    changed = [change(sample) for sample in SAMPLES]
    if told is not None:
        told(len(SAMPLES), len(SAMPLES))
    return [(one.without_pixels(), read(one)) for one in changed]


SUBJECT = Subject(
    name="sharp",
    path=Path("sharp"),
    part="all",
    cases=cases_of(),
    accept=0.5,
    provenance={},
    reread=cases_of,
)


def stressed(names, subject=SUBJECT, told=None):
    judged = judge_cases(subject, subject.cases)
    patients = patient_rows([sample for sample, _ in subject.cases])
    metrics = with_intervals(judged.figures, patients)
    main = [one for one in metrics if one.name in ("grade_balanced_accuracy", "grade_auc")]
    kinds = [KINDS[name] for name in names]
    return put_under_stress(subject, rereading(subject), main, kinds, told), main


@pytest.fixture(scope="module")
def stress():
    return stressed(["blur", "jpeg"])


def test_level_0_is_the_main_evaluation(stress):
    found, main = stress
    assert len(found.levels) == 2 * LEVELS
    for level in found.levels:
        assert (level.strength is None) == (level.level == 0)
        if level.level == 0:
            assert level.metrics == tuple(main)


def test_curves_follow_what_the_reader_loses(stress):
    found, _ = stress
    assert set(found.names) == {"grade_balanced_accuracy", "grade_auc"}
    blurred = [one.value for one in found.curve("blur", "grade_balanced_accuracy")]
    assert blurred[0] == 1
    assert blurred == sorted(blurred, reverse=True)
    assert blurred[-1] == 0
    assert 0 < blurred[2] < 1
    assert found.curve("jpeg", "grade_balanced_accuracy")[1].value < 1
    assert found.curve("blur", "grade_balanced_accuracy")[0].lower is not None


def test_a_level_is_what_judging_the_degraded_images_gives(stress):
    found, main = stress
    blurred = tuple(
        replace(one, image=KINDS["blur"].degrade(one.image, 2, one.image_id)) for one in SAMPLES
    )
    cases = [(one, read(one)) for one in blurred]
    patients = patient_rows(blurred)
    figures = judge_cases(SUBJECT, cases).figures
    expected = {one.name: one for one in with_intervals(figures, patients)}
    assert list(found.levels[2].metrics) == [expected[one.name] for one in main]


def test_a_figure_that_is_gone_has_no_value():
    blind = replace(
        SUBJECT,
        reread=lambda change, told: [
            (one, replace(reading, findings={})) for one, reading in cases_of(change)
        ],
    )
    found, _ = stressed(["noise"], blind)
    lost = found.curve("noise", "grade_balanced_accuracy")
    assert [one.value is None for one in lost] == [False, True, True, True, True]
    assert lost[1].note == "nothing to compute it from"


def test_quality_is_judged_against_the_level():
    changes = []
    watching = replace(
        SUBJECT, reread=lambda change, told: changes.append(change) or cases_of(change)
    )
    stressed(["blur"], watching)
    assert {change.quality for change in changes} == {"quality"}
    assert [change(SAMPLES[0]).labels["quality"] for change in changes] == [0.25, 0.5, 0.75, 1]


@pytest.mark.parametrize("score", [4.5, -1, "good"])
def test_other_scales_of_quality_are_left_alone(score):
    changes, poor = (
        [],
        [
            (replace(one, labels={**one.labels, "quality": score}), reading)
            for one, reading in SUBJECT.cases
        ],
    )
    watching = replace(
        SUBJECT,
        cases=poor,
        reread=lambda change, told: changes.append(change) or cases_of(change),
    )
    stressed(["blur"], watching)
    assert {change.quality for change in changes} == {None}


def test_restoration_is_followed_from_the_first_level_on():
    """At level 0 only images that were poor before have a partner: another set of images."""
    main = (
        Metric(name="restored_psnr", value=30.0, unit="dB", group=RESTORATION),
        Metric(name="grade_auc", value=0.9, group="findings"),
    )
    found = put_under_stress(SUBJECT, SUBJECT.reread, main, [KINDS["blur"]])
    assert found.levels[0].metric("restored_psnr").value is None
    assert found.levels[0].metric("grade_auc").value == 0.9
    assert found.names == ["grade_auc"], "a figure without a curve is followed"


def test_as_rows_and_as_json(stress, tmp_path):
    found, _ = stress
    table = pd.read_csv(found.write(tmp_path / "stress.csv"))
    assert len(table) == 2 * LEVELS * 2
    third = table.query(
        "kind == 'blur' and level == 3 and figure == 'grade_balanced_accuracy'"
    ).iloc[0]
    assert third["value"] == pytest.approx(found.curve("blur", "grade_balanced_accuracy")[3].value)
    assert third["strength"] == pytest.approx(3 / 256, rel=1e-5)
    document = found.to_json()
    assert set(document["kinds"]) == {"blur", "jpeg"}
    assert document["levels"][3]["strength"] == 3 / 256
    assert len(document["levels"][3]["metrics"]) == 2


def test_images_are_counted_over_all_passes():
    seen = []
    stressed(["gamma"], told=lambda done, total: seen.append((done, total)))
    assert seen == [(12 * place, 48) for place in (1, 2, 3, 4)]
    assert part_of(None, 0, 3) is None


def test_stored_readings_and_two_readers_are_refused(tmp_path):
    cohort = write_cohort(tmp_path, patients=2)
    stored = write_readings(cohort, tmp_path / "readings.json", seed=1)
    with pytest.raises(ConfigError, match="stored readings can't be put under stress"):
        evaluate(stored, cohort, stress=["blur"])
    with pytest.raises(ConfigError, match="one reader"):
        evaluate(stored, cohort, against=stored, stress=["blur"])
    with pytest.raises(ConfigError, match="did you mean 'gamma'"):
        evaluate(stored, cohort, stress=["gama"])
