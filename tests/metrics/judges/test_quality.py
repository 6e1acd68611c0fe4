import numpy as np
import pytest
from scipy import stats

from polyclinic.metrics.agree.ranks import fitted_logistic
from polyclinic.metrics.judges.quality import figures, quality_pairs
from polyclinic.reading import Reading
from polyclinic.sample import Sample


def case(number, label, **reading):
    sample = Sample(
        image_id=number, size=(4, 4), labels={} if label is None else {"sharpness": label}
    )
    return sample, Reading(image_id=number, size=(4, 4), **reading)


def values(cases):
    return {one.name: one.value(np.ones(len(cases))) for one in figures(cases, 0.5)}


def test_figures_by_hand():
    cases = [
        case(row, label, quality={"sharpness": found})
        for row, (label, found) in enumerate([(1, 1.5), (2, 2.5), (4, 3.5), (9, 9.5)])
    ]
    assert values(cases) == pytest.approx(
        {
            "sharpness_mae": 0.5,
            "sharpness_rmse": 0.5,
            "sharpness_srcc": 1,
            "sharpness_plcc": np.corrcoef([1, 2, 4, 9], [1.5, 2.5, 3.5, 9.5])[0, 1],
            "sharpness_plcc_fitted": None,  # no more pairs than parameters
        }
    )
    metrics = [one.metric(np.ones(4), None, None) for one in figures(cases, 0.5)]
    assert {one.group for one in metrics} == {"quality"}
    assert [one.baseline for one in metrics] == pytest.approx(
        [np.mean([2, 1, 1, 6]), np.sqrt(np.mean([4, 1, 1, 36])), None, None, None]
    )


def test_what_is_no_number_or_was_not_read_is_left_out():
    kept = [case(0, 1.0, quality={"sharpness": 2.0}), case(1, 3, quality={"sharpness": 1.0})]
    others = [
        case(2, "good", quality={"sharpness": 2.0}),
        case(3, True, quality={"sharpness": 2.0}),
        case(4, None, quality={"sharpness": 2.0}),
        case(5, 3, quality={"noise": 2.0}),
        case(6, 3, error="no image"),
    ]
    assert values(kept + others) == values(kept)
    assert figures(others, 0.5) == []
    assert {tuple(one.counts) for one in figures(kept + others, 0.5)} == {(1, 1, 0, 0, 0, 0, 0)}


def curved(count, seed=0):
    """Quality that is read on a bent scale, with noise."""
    random = np.random.default_rng(seed)
    true = random.random(count)
    found = 0.5 + np.arctan(8 * (true - 0.5)) / 3 + random.normal(0, 0.02, count)
    return [
        case(row, float(t), quality={"sharpness": float(f)})
        for row, (t, f) in enumerate(zip(true, found, strict=True))
    ]


def test_correlations_as_scipy_computes_them():
    cases = curved(60)
    true = [sample.labels["sharpness"] for sample, _ in cases]
    found = [reading.quality["sharpness"] for _, reading in cases]
    got = values(cases)
    assert got["sharpness_srcc"] == pytest.approx(stats.spearmanr(found, true).statistic)
    assert got["sharpness_plcc"] == pytest.approx(stats.pearsonr(found, true).statistic)
    assert got["sharpness_plcc_fitted"] > got["sharpness_plcc"] + 0.01


def test_the_curve_is_fitted_once_and_weights_count_its_pairs():
    cases = curved(40)
    (figure,) = [one for one in figures(cases, 0) if one.name == "sharpness_plcc_fitted"]
    weights = np.random.default_rng(1).integers(0, 4, 40)
    found, true, _ = quality_pairs("sharpness", cases)
    copies = (fitted_logistic(found, true).repeat(weights), true.repeat(weights))
    expected = stats.pearsonr(*copies).statistic
    assert figure.value(weights.astype(float)) == pytest.approx(expected)
    assert "fitted once" in figure.meaning
