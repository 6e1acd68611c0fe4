from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from polyclinic.data import Cohort
from polyclinic.data.grey import UNKNOWN
from polyclinic.data.images import Picture
from polyclinic.metrics.fidelity import fidelity_of
from polyclinic.metrics.judges import judge_kinds
from polyclinic.reading import Reading
from polyclinic.recipes.judge import best_threshold, figure_value, read_cases
from polyclinic.sample import Sample
from tests.metrics.cases import block, case

STEPS = np.round(np.arange(0.1, 0.95, 0.05), 2)
found = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 100)), max_size=8)


def images(drawn):
    """Five annotated blocks an image; finds at ten places, so half of the places are wrong."""
    true = [block(5 + 20 * i) for i in range(5)]
    return [
        case(true, [replace(block(5 + 20 * p), score=s / 100) for p, s in finds], image)
        for image, finds in enumerate(drawn)
    ]


def f1(cases, accept):
    return figure_value(judge_kinds(cases, accept), "instance_f1", len(cases)) or 0.0


@given(st.lists(found, min_size=1, max_size=4))
def test_no_other_threshold_has_a_better_f1(drawn):
    cases = images(drawn)
    scores = [f1(cases, step) for step in STEPS]
    chosen = best_threshold(cases, fallback=0.5)
    assert f1(cases, chosen) == pytest.approx(max(scores), abs=1e-9)


def test_the_middle_of_equals_is_taken():
    assert best_threshold(images([[(0, 60), (7, 20)]])) == pytest.approx(0.4, abs=0.06)


def test_without_a_hit_there_is_nothing_to_choose_by():
    assert best_threshold(images([[(8, 90)]]), fallback=0.3) == 0.3
    assert best_threshold([], fallback=0.3) == 0.3


class Brighter:
    """Restores an image by making it brighter."""

    grey = UNKNOWN
    classes, landmark_schema, provenance = (), None, {}

    def with_candidates(self):
        return self

    def read_beside(self, samples):
        for sample in samples:
            pixels = np.array(Image.open(sample.file))
            seen = replace(sample, image=pixels)
            yield (
                seen,
                Reading(image_id=sample.image_id, size=sample.size, restored=restored(pixels)),
            )


def restored(pixels):
    return (pixels // 2 + 100).astype(np.uint8)


@pytest.fixture
def blurred(tmp_path):
    """Four images: with a partner, without one, with one of another size, with a lost one."""
    pixels = np.random.default_rng(0).integers(0, 255, (2, 16, 16, 3)).astype(np.uint8)
    for name, array in [("a", pixels[0]), ("sharp", pixels[1]), ("small", pixels[1][:12])]:
        Image.fromarray(array).save(tmp_path / f"{name}.png")
    partners = ["sharp.png", None, "small.png", "lost.png"]
    samples = [
        Sample(
            image_id=number,
            size=(16, 16),
            file=str(tmp_path / "a.png"),
            sharp_file=None if one is None else str(tmp_path / one),
        )
        for number, one in enumerate(partners)
    ]
    return Cohort(samples=tuple(samples)), pixels


def test_restored_pixels_become_how_close_they_come(blurred):
    cohort, (image, sharp) = blurred
    cases = read_cases(Brighter(), cohort, range(4))
    assert all(reading.restored is None for _, reading in cases)
    assert all(sample.image is None and sample.sharp is None for sample, _ in cases)
    found = [reading.fidelity for _, reading in cases]
    seen = replace(cohort.samples[0], image=image)
    assert found == [
        fidelity_of(seen, restored(image), Picture(sharp)),
        None,
        None,
        None,
    ]
    values = {one.name: one.value(np.ones(4)) for one in judge_kinds(cases, 0.5)}
    assert values["restored_psnr"] == pytest.approx(found[0].psnr)
    assert values["restored_psnr_gain"] == pytest.approx(found[0].psnr - found[0].input_psnr)
