import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from polyclinic.errors import ConfigError, DataError
from polyclinic.geometry import Homography
from polyclinic.tasks import ReadingBuilder
from polyclinic.tasks.quality import QualityConfig
from polyclinic.tasks.quality.task import annotated_badness, full_reference_badness
from tests.tasks.conformance import SAMPLES
from tests.tasks.networks import batch_of, build, painted_facts

FACTS = painted_facts(SAMPLES)
SCORE = QualityConfig(label="score", best=5, worst=1, hidden=8)


def scored(value):
    return replace(SAMPLES[0], labels={"score": value})


@given(st.floats(1, 5))
def test_badness_of_a_score_runs_from_its_best_to_its_worst(value):
    found = annotated_badness(scored(value), "score", best=5, worst=1)
    assert found == pytest.approx((5 - value) / 4)
    assert 0 <= found <= 1


def test_what_is_not_annotated_is_not_known():
    assert math.isnan(annotated_badness(replace(SAMPLES[0], labels={}), "score", 0, 1))
    assert math.isnan(full_reference_badness(replace(SAMPLES[0], sharp=None)))


@pytest.mark.parametrize("value", [0.5, 6, "good", True, float("nan")])
def test_labels_that_are_no_number_of_the_scale_are_refused(value):
    with pytest.raises(DataError, match=r"label 'score' is .* expected a number from 1 to 5"):
        annotated_badness(scored(value), "score", best=5, worst=1)


def test_full_reference_is_what_scikit_image_says():
    sample = SAMPLES[1]
    alike = structural_similarity(
        sample.pixels,
        sample.sharp,
        data_range=255,
        channel_axis=2,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    assert full_reference_badness(sample) == pytest.approx(1 - alike, abs=1e-6)
    assert full_reference_badness(replace(sample, sharp=sample.pixels)) == pytest.approx(0)


def test_the_loss_is_that_of_errors_and_of_standardised_errors():
    config = QualityConfig(hidden=8, smooth=0.2, correlation=0.5, weight=2.0)
    network = build((config,), FACTS).train()
    batch = batch_of(network, [*SAMPLES, replace(SAMPLES[0], labels={})])
    loss = network(batch)["quality"]
    found = torch.stack([one["quality"]["badness"] for one in network.predict(batch)])[:3]
    true = torch.tensor([0.0, 0.25, 0.5])
    apart = (found - true).square().mean()
    expected = 2 * (F.smooth_l1_loss(found, true, beta=0.2) + 0.5 * 6 * apart)
    assert loss.count == 3
    assert float((loss.total / loss.count).detach()) == pytest.approx(float(expected), rel=1e-4)


@pytest.mark.parametrize(("badness", "flagged"), [(0.59, False), (0.6, True), (1.0, True)])
def test_a_reading_is_on_the_scale_of_the_annotator(badness, flagged):
    task = build((SCORE,), painted_facts([scored(3)])).tasks["quality"]
    draft = ReadingBuilder(SAMPLES[0], Homography.identity())
    task.decode({"badness": torch.tensor(badness, dtype=torch.float64)}, draft)
    assert draft.quality == {"score": pytest.approx(5 - 4 * badness)}
    assert bool(draft.flags) == flagged
    if flagged:
        assert draft.flags[0].startswith(f"take it again: score {5 - 4 * badness:.2f}")


def test_no_flag_where_there_is_no_limit():
    silent = SCORE.model_copy(update={"retake": None})
    task = build((silent,), painted_facts([scored(3)])).tasks["quality"]
    draft = ReadingBuilder(SAMPLES[0], Homography.identity())
    task.decode({"badness": torch.tensor(1.0)}, draft)
    assert draft.flags == []


def test_settings_that_can_not_be_are_refused():
    with pytest.raises(ConfigError, match="best and worst must differ"):
        QualityConfig.parse({"best": 1, "worst": 1})
    with pytest.raises(ConfigError, match="map 9"):
        build((QualityConfig(maps=(9,)),), FACTS)
