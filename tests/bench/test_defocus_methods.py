"""Classical restoration, its choice and its figures against known answers."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from bench.defocus_choice import at_each_level, chosen
from bench.defocus_classical import Method, best_by_level, best_of, grid, spread_kernel, tried
from bench.defocus_result import fidelity, measured, poorness, quality, restoration
from bench.defocus_strip import chosen_fields, strip
from bench.defocus_tables import verdict
from scipy.stats import spearmanr
from skimage.metrics import peak_signal_noise_ratio

from polyclinic.data.degrade.effects import disk_blur, gaussian_blur
from polyclinic.metrics.bootstrap import patient_rows
from tests.bench.defocus_scenes import named, scene, seen


@pytest.mark.parametrize("sigma", [0.5, 1.3, 3.0])
def test_kernels_spread_as_far_as_they_say(sigma) -> None:
    for kernel in ("gaussian", "disk"):
        spread = spread_kernel(kernel, sigma)
        places = np.arange(len(spread)) - len(spread) // 2
        assert spread.sum() == pytest.approx(1)
        assert len(spread) % 2
        variance = (spread.sum(0) * places**2).sum()
        assert variance == pytest.approx(sigma**2, rel=0.15, abs=0.1)


def test_kernels_are_those_of_the_degradation() -> None:
    image = scene()
    for kernel, blurred in (
        ("gaussian", gaussian_blur(image, 1.5)),
        ("disk", disk_blur(image, 3.0)),
    ):
        again = cv2.filter2D(image, -1, spread_kernel(kernel, 1.5), borderType=cv2.BORDER_REFLECT)
        np.testing.assert_allclose(again, blurred, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("Wiener", {"kernel": "gaussian", "sigma": 1.5, "balance": 1e-3}),
        ("Richardson-Lucy", {"kernel": "gaussian", "sigma": 1.5, "iterations": 16}),
        ("unsharp mask", {"radius": 2.0, "amount": 1.0}),
    ],
)
def test_what_was_blurred_comes_closer(name, setting) -> None:
    sharp = scene()
    blurred = gaussian_blur(sharp, 1.5)
    restored = named(name).apply(blurred, setting)
    assert restored.shape == sharp.shape
    assert restored.min() >= 0
    assert restored.max() <= 1
    before, after = (
        peak_signal_noise_ratio(sharp, one, data_range=1) for one in (blurred, restored)
    )
    assert after > before + 1


def test_untouched_is_untouched() -> None:
    image = scene()
    np.testing.assert_array_equal(named("untouched").apply(image, {}), image)


def test_the_true_kernel_is_chosen_for_all_and_for_each_level() -> None:
    taught = seen()
    method = Method(
        name="Wiener",
        restore=named("Wiener").restore,
        settings=grid(kernel=("gaussian",), sigma=(0.5, 1.0, 2.0, 3.0), balance=(1e-4,)),
    )
    found = tried(method, taught.images, taught.sharp)
    by_hand = [
        [
            peak_signal_noise_ratio(sharp, method.apply(image, setting), data_range=1)
            for image, sharp in zip(taught.images, taught.sharp, strict=True)
        ]
        for setting in method.settings
    ]
    np.testing.assert_allclose(found, by_hand)
    each = best_by_level(method, found, taught.levels)
    assert {level: one["sigma"] for level, one in each.items()} == {1.0: 1.0, 2.0: 2.0}
    assert best_of(method, found) == method.settings[int(np.mean(by_hand, 1).argmax())]
    choices = chosen([method], taught, levels=True)
    told = choices.restored_told(taught)["Wiener, told the defocus"]
    for row, level in enumerate(taught.levels):
        np.testing.assert_array_equal(told[row], method.apply(taught.images[row], each[level]))
    untaught = replace(taught.some([1]), levels=np.array([7.0]))
    np.testing.assert_array_equal(
        choices.restored_told(untaught)["Wiener, told the defocus"][0], told[1]
    )
    assert json.loads(json.dumps(choices.to_json()))["by_level"]["Wiener"]["2"]["sigma"] == 2.0


def test_settings_are_chosen_on_images_of_every_level() -> None:
    some = at_each_level(seen(12, (0.5, 1.0, 2.0)), 2, 0)
    assert sorted(some.levels) == [0.5, 0.5, 1, 1, 2, 2]
    assert len({one.image_id for one in some.samples}) == 6


def test_differences_are_paired_and_means_are_means() -> None:
    taught = seen()
    kept = np.linspace(0.499, 0.501, len(taught.images))[:, None, None]
    ours = taught.sharp + kept * (taught.images - taught.sharp)
    images = {"untouched": taught.images, "ours": ours}
    found = restoration(images, taught, "ours")
    apart = [fidelity(one, taught.sharp)["psnr"] for one in images.values()]
    (less,) = found["differences"]
    assert less["psnr"]["value"] == pytest.approx((apart[1] - apart[0]).mean(), abs=1e-4)
    # Half the error is 6.02 dB, on nearly every image: a paired interval is narrow.
    assert less["psnr"]["lower"] == pytest.approx(20 * np.log10(2), abs=0.05)
    assert less["psnr"]["upper"] == pytest.approx(20 * np.log10(2), abs=0.05)
    assert found["worse_than_untouched"] == 0
    assert found["methods"][0]["psnr_by_level"]["2"] == pytest.approx(
        apart[0][taught.levels == 2].mean(), abs=1e-3
    )
    assert verdict(found, "ours") == "PSNR: ours wins over untouched"


def test_intervals_are_of_fields_not_of_images() -> None:
    values = np.repeat([1.0, 2.0, 4.0], 5)
    fields = measured({"one": values}, np.repeat(np.arange(3), 5))["one"]
    images = measured({"one": values}, np.arange(15))["one"]
    assert fields["value"] == images["value"] == pytest.approx(7 / 3, abs=1e-4)
    assert fields["upper"] - fields["lower"] > images["upper"] - images["lower"]


def test_rank_correlation_of_quality_overall_and_within_fields() -> None:
    taught = seen(12, (0.5, 1.0, 2.0, 3.0))
    rng = np.random.default_rng(0)
    stated = taught.levels + rng.normal(size=12)
    found = quality({"ours": stated, "true": taught.levels}, taught.samples, "ours")
    ours, true = found["readers"]
    assert ours["srcc"]["value"] == pytest.approx(
        spearmanr(stated, taught.levels).statistic, abs=1e-4
    )
    assert ours["mae"]["value"] == pytest.approx(np.abs(stated - taught.levels).mean(), abs=1e-4)
    patients = patient_rows(taught.samples)
    within = [
        spearmanr(stated[patients == one], taught.levels[patients == one]).statistic
        for one in np.unique(patients)
    ]
    assert ours["srcc_within_fields"]["value"] == pytest.approx(np.mean(within), abs=1e-4)
    assert true["srcc"]["value"] == true["srcc_within_fields"]["value"] == 1
    assert found["differences"][0]["srcc"]["value"] == pytest.approx(
        ours["srcc"]["value"] - 1, abs=1e-4
    )


def test_blurred_images_look_poorer() -> None:
    images = np.stack([gaussian_blur(scene(), sigma) for sigma in (1.0, 2.0, 3.0, 4.0)])
    for name, values in poorness(images).items():
        assert (np.diff(values) > 0).all(), name


def test_each_stack_is_shown_as_near_as_there_is() -> None:
    sharp = np.stack([scale * scene() for scale in (1, 1, 0.9, 0.9, 0.1, 0.1)])
    fields, stacks = ["a-1", "a-1", "a-2", "a-2", "b-1", "b-1"], ["a"] * 4 + ["b"] * 2
    apart = np.array([0.3, 0.1, 0.1, 0.3, 0.2, 0.1])
    assert chosen_fields(apart, fields, stacks, sharp, 2) == [1, 5]
    assert chosen_fields(apart, fields, stacks, sharp, 9) == [1, 5, 2]
    picture = strip({"one": sharp[:2], "sharp": sharp[2:4]})
    assert picture.dtype == np.uint8
    assert picture.max() == 255
