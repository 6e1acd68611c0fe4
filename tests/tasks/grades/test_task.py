from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from polyclinic.data.facts import gather_facts
from polyclinic.errors import ConfigError
from polyclinic.geometry import Homography
from polyclinic.metrics.classify.answers import finding_answers
from polyclinic.metrics.judges.findings import figures
from polyclinic.tasks import ReadingBuilder
from polyclinic.tasks.grades import Grades, GradesConfig
from polyclinic.tasks.grades.task import ProportionalOdds
from tests.tasks.networks import batch_of, build
from tests.tasks.whole_image.pictures import learn, picture, read, without_labels

COUNTS = st.lists(st.integers(0, 500), min_size=2, max_size=7)
SCORES = st.lists(st.floats(-20, 20), min_size=1, max_size=5)


@given(COUNTS, SCORES)
def test_agrees_with_differences_of_shares(counts, scores):
    odds = ProportionalOdds(counts).double()
    log_p = odds(torch.tensor(scores)).detach().numpy()
    bounds = np.array([-np.inf, *odds.thresholds.tolist(), np.inf])
    expected = np.diff(expit(bounds - np.array(scores, np.float32)[:, None]), axis=1)
    np.testing.assert_allclose(np.exp(log_p), expected, atol=1e-7)
    np.testing.assert_allclose(np.exp(log_p).sum(1), 1, atol=1e-6)


@given(COUNTS)
def test_it_begins_at_the_shares_of_the_images(counts):
    shares = ProportionalOdds(counts)(torch.zeros(1)).exp()[0].tolist()
    images = np.array(counts) + 1
    np.testing.assert_allclose(shares, images / images.sum(), atol=1e-6)


@given(st.lists(st.floats(-60, 60), min_size=0, max_size=6), st.floats(-1e4, 1e4))
def test_no_weights_and_no_score_bring_disorder_or_infinity(steps, score):
    odds = ProportionalOdds([1] * (len(steps) + 2))
    odds.steps.data = torch.tensor(steps)
    assert (odds.thresholds.diff() >= 0).all()
    log_p = odds(torch.tensor([score]))
    assert log_p.isfinite().all()
    for row in range(log_p.shape[1]):
        odds.zero_grad()
        F.cross_entropy(odds(torch.tensor([score])), torch.tensor([row])).backward()
        assert odds.first.grad.isfinite().all()
        assert odds.steps.grad.isfinite().all()


@pytest.mark.parametrize("counts", [(3, 4), (1, 0, 7), (2, 2, 2, 9)])
def test_its_slope_is_right(counts):
    odds = ProportionalOdds(counts).double()
    scores = torch.tensor([-2.0, 0.3, 4.0])

    def loss(first, steps):
        values = {"first": first, "steps": steps}
        return torch.func.functional_call(odds, values, (scores,)).sum(1)

    assert torch.autograd.gradcheck(loss, (odds.first, odds.steps))


def test_its_best_fit_is_that_of_statsmodels():
    """Maximum likelihood of a score a x + c, whose offset the thresholds take in."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    grades = np.digitize(1.5 * x + rng.logistic(size=300), [-1.0, 0.5, 2.5])
    oracle = OrderedModel(grades, x[:, None], distr="logit").fit(method="bfgs", disp=False)
    odds = ProportionalOdds(np.bincount(grades)).double()
    slope = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    inputs, rows = torch.from_numpy(x), torch.from_numpy(grades)
    optimiser = torch.optim.LBFGS(
        [slope, *odds.parameters()], max_iter=200, line_search_fn="strong_wolfe"
    )

    def loss():
        optimiser.zero_grad()
        total = F.nll_loss(odds(slope * inputs), rows, reduction="sum")
        total.backward()
        return total

    optimiser.step(loss)
    assert -loss().item() == pytest.approx(oracle.llf, abs=1e-2)
    assert slope.item() == pytest.approx(oracle.params[0], abs=0.01)
    bounds = oracle.model.transform_threshold_params(oracle.params)[1:-1]
    np.testing.assert_allclose(odds.thresholds.detach(), bounds, atol=0.01)


KL = GradesConfig(label="kl")
GRADES = (0, 1, 2, 3)


def graded(seed, grade):
    """The more of it is red, the higher the grade."""
    return picture(seed, (200, 40, 40), 0.1 + 0.25 * grade, kl=grade)


SAMPLES = [graded(seed, GRADES[seed % 4]) for seed in range(8)]
FACTS = gather_facts(SAMPLES, (), None)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("balanced", [False, True])
def test_loss_is_the_cross_entropy_of_the_grades(smoothing, balanced):
    config = GradesConfig(label="kl", smoothing=smoothing, balanced=balanced)
    samples = [*SAMPLES[:3], SAMPLES[4]]
    network = build((config,), gather_facts(samples, (), None)).train()
    batch = batch_of(network, [*samples, without_labels(SAMPLES[3])])
    loss = network(batch)["grades_kl"]
    assert loss.count == 4
    shares = [list(reading.findings["kl"].values()) for _, reading in read(network, samples)]
    wanted = np.full((4, 3), smoothing / 3)
    wanted[range(4), [0, 1, 2, 0]] += 1 - smoothing
    roots = np.array([2, 1, 1]) ** -0.5
    weights = roots * 4 / (roots * [2, 1, 1]).sum() if balanced else np.ones(3)
    expected = -(wanted * weights * np.log(shares)).sum()
    assert loss.total.item() == pytest.approx(expected, rel=1e-4)


def test_an_ungraded_batch_gives_no_loss():
    network = build((KL,), FACTS).train()
    assert network(batch_of(network, [without_labels(one) for one in SAMPLES])) == {}


@given(st.lists(st.integers(0, 99), min_size=2, max_size=6), st.floats(-1e4, 1e4, width=32))
def test_probabilities_add_up_to_one_and_are_never_negative(counts, score):
    task = Grades(KL, {str(row): count for row, count in enumerate(counts)}, 4)
    with torch.no_grad():
        logits = task.logits(torch.tensor([[score]]))[0]
    draft = ReadingBuilder(SAMPLES[0], Homography.identity())
    task.decode({"logits": logits}, draft)
    found = draft.finish((), None, {}, accept=0.5).findings["kl"]
    assert list(found) == [str(row) for row in range(len(counts))]
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)
    assert min(found.values()) >= 0


@given(st.lists(st.floats(-30, 30, width=32), min_size=2, max_size=5))
def test_a_higher_score_never_means_a_lower_grade(scores):
    task = Grades(KL, {"0": 5, "1": 0, "2": 9, "4": 2}, 4)
    with torch.no_grad():
        shares = task.logits(torch.tensor(sorted(scores))[:, None]).double().softmax(1)
    above = shares.flip(1).cumsum(1)[:, :-1]
    assert (above.diff(dim=0) >= -1e-6).all()


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ((2, 10, 9), ["2", "9", "10"]),
        (("10", "2", 9.0), ["2", "9", "10"]),
        ((-1, 0, -2), ["-2", "-1", "0"]),
        ((0, 4), ["0", "4"]),
    ],
)
def test_grades_are_told_apart_as_annotated_in_ascending_order(values, names):
    samples = [replace(SAMPLES[row], labels={"kl": one}) for row, one in enumerate(values)]
    network = build((KL,), gather_facts(samples, (), None))
    cases = read(network, samples)
    assert [list(reading.findings["kl"]) for _, reading in cases] == [names] * len(values)
    [answers] = finding_answers(cases)
    assert answers.unheard == 0
    assert answers.grades == tuple(map(int, names))


def test_grades_are_learned():
    """Other images are read; some of those to train on are not graded."""
    samples = [graded(seed, (0, 1, 3)[seed % 3]) for seed in range(9)]
    network = build((KL,), gather_facts(samples, (), None))
    learn(network, [*samples, without_labels(SAMPLES[2])])
    cases = read(network, [graded(100 + seed, (0, 1, 3)[seed % 3]) for seed in range(6)])
    values = {one.name: one.value(np.ones(len(cases))) for one in figures(cases, 0.5)}
    assert values["kl_quadratic_kappa"] > 0.9


def test_two_grades_are_learned_as_well():
    samples = [graded(seed, 3 * (seed % 2)) for seed in range(8)]
    network = build((KL,), gather_facts(samples, (), None))
    learn(network, samples, steps=30)
    for sample, reading in read(network, [graded(100 + seed, 3 * (seed % 2)) for seed in range(4)]):
        assert reading.findings["kl"][str(sample.labels["kl"])] > 0.5


def left_out_with(*values):
    samples = [replace(SAMPLES[row], labels={"kl": one}) for row, one in enumerate(values)]
    return KL.left_out(gather_facts(samples, (), None))


@pytest.mark.parametrize(
    ("values", "named"),
    [((0, "mild", 2), "'mild'"), ((0.5, 1), "'0.5'"), ((True, False), "'False', 'True'")],
)
def test_words_are_not_graded(values, named):
    reason = left_out_with(*values)
    assert reason == (
        f"the label 'kl' has values that are no whole numbers: {named}; "
        "number them by grade, or use the task `classes`"
    )


def test_what_can_not_be_learned_is_left_out():
    assert KL.left_out(FACTS) is None
    assert left_out_with(1, 1.0, "1") == "every label 'kl' of the images to train on is '1'"
    misspelt = GradesConfig(label="k").left_out(FACTS)
    assert misspelt == "no image to train on has the label 'k'; did you mean 'kl'?"
    assert KL.left_out(replace(FACTS, label_counts={"kl": (0, 0, 4, 0)})).endswith("is '2'")


@pytest.mark.parametrize("values", [{}, {"label": ""}, {"label": "a", "values": [1, 2]}])
def test_settings_that_do_not_fit_are_refused(values):
    with pytest.raises(ConfigError):
        GradesConfig.parse(values)


def test_the_level_must_exist():
    with pytest.raises(ConfigError, match=r"level of the label kl: levels p9"):
        build((GradesConfig(label="kl", level="p9"),), FACTS)
