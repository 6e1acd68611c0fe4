"""Classical restoration, its choice and its figures against known answers; all of it, tiny."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from bench.defocus_choice import at_each_level, chosen
from bench.defocus_classical import (
    METHODS,
    Method,
    best_by_level,
    best_of,
    grid,
    spread_kernel,
    tried,
)
from bench.defocus_fields import SIDE, TEST_ROWS, TRAINING_ROWS, Pictures, cut_stacks, pictures
from bench.defocus_result import fidelity, measured, poorness, quality, restoration
from bench.defocus_strip import chosen_fields, strip
from bench.defocus_tables import verdict
from scipy.stats import spearmanr
from skimage.metrics import peak_signal_noise_ratio

from polyclinic.data import open_cohort, split_cohort
from polyclinic.data.degrade.blur import disk_blur, gaussian_blur
from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.sample import Sample


def scene(seed=0, side=48):
    """Small spots on a dark ground."""
    rng = np.random.default_rng(seed)
    image = np.full((side, side), 0.1)
    for x, y in rng.integers(6, side - 6, (12, 2)):
        cv2.circle(
            image, (int(x), int(y)), int(rng.integers(1, 4)), float(rng.uniform(0.4, 0.9)), -1
        )
    return image


def seen(count=6, levels=(1.0, 2.0)):
    """Scenes at levels of blur in turn, two images a field."""
    sharp = np.stack([scene(row // 2) for row in range(count)])
    level = np.resize(levels, count)
    return Pictures(
        samples=[
            Sample(
                image_id=row,
                size=sharp[row].shape,
                patient_id=f"stack-{row // 2}",
                labels={"quality": float(level[row])},
            )
            for row in range(count)
        ],
        images=np.stack([gaussian_blur(s, float(v)) for s, v in zip(sharp, level, strict=True)]),
        sharp=sharp,
        levels=level,
    )


def named(name):
    return next(one for one in METHODS if one.name == name)


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
    assert json.loads(json.dumps(choices.to_json()))["by_level"]["Wiener"]["2"]["sigma"] == 2.0


def test_settings_are_chosen_on_images_of_every_level() -> None:
    some = at_each_level(seen(12, (0.5, 1.0, 2.0)), 2, 0)
    assert sorted(some.levels) == [0.5, 0.5, 1, 1, 2, 2]
    assert len({one.image_id for one in some.samples}) == 6


def test_differences_are_paired_and_means_are_means() -> None:
    taught = seen()
    images = {"untouched": taught.images, "ours": (taught.images + taught.sharp) / 2}
    found = restoration(images, taught, "ours")
    apart = [fidelity(one, taught.sharp)["psnr"] for one in images.values()]
    (less,) = found["differences"]
    assert less["psnr"]["value"] == pytest.approx((apart[1] - apart[0]).mean(), abs=1e-4)
    # Half the error is 6.02 dB, on each image: a paired interval has no width.
    assert less["psnr"]["lower"] == pytest.approx(20 * np.log10(2), abs=1e-3)
    assert less["psnr"]["upper"] == pytest.approx(20 * np.log10(2), abs=1e-3)
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
    images = np.stack([gaussian_blur(scene(), sigma) for sigma in (0.0, 1.0, 2.0, 3.0)])
    for name, values in poorness(images).items():
        assert (np.diff(values) > 0).all(), name


def test_each_stack_is_shown_farthest_out_of_focus() -> None:
    sharp = np.stack([scale * scene() for scale in (1, 1, 0.9, 0.9, 0.1, 0.1)])
    fields, stacks = ["a-1", "a-1", "a-2", "a-2", "b-1", "b-1"], ["a"] * 4 + ["b"] * 2
    levels = np.array([0.1, 0.3, 0.3, 0.1, 0.2, 0.3])
    assert chosen_fields(levels, fields, stacks, sharp, 2) == [1, 5]
    assert chosen_fields(levels, fields, stacks, sharp, 9) == [1, 5, 2]
    picture = strip({"one": sharp[:2], "sharp": sharp[2:4]})
    assert picture.dtype == np.uint8
    assert picture.max() == 255


def stacks(folder: Path) -> Path:
    """Two stacks of small spots, blurred by their distance from the plane in focus."""
    rng = np.random.default_rng(0)
    rows = ["stack,image,defocus_um,laplacian_var"]
    home = folder / "dfnn_defocus_stacks"
    for number, stack in enumerate(("mitochondria", "microtubules")):
        (home / stack).mkdir(parents=True)
        plane = np.full((800, 128), 100.0)
        for x, y in rng.integers(4, (124, 796), (400, 2)):
            cv2.circle(plane, (int(x), int(y)), 2, 600.0 + 100 * number, -1)
        for defocus in (-0.9, -0.4, 0.0, 0.4):
            noisy = gaussian_blur(plane, 4 * abs(defocus)) + rng.normal(0, 5, plane.shape)
            name = f"{stack}/z{int(51 - 20 * defocus):04d}.png"
            cv2.imwrite(str(home / name), noisy.clip(0, 4000).astype(np.uint16))
            rows.append(f"{stack},{name},{defocus},0")
    (home / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def test_fields_that_judge_share_no_pixel_with_those_that_teach(tmp_path: Path) -> None:
    table, white = cut_stacks(tmp_path / "cut", stacks(tmp_path) / "dfnn_defocus_stacks")
    assert max(TEST_ROWS) + SIDE + 32 <= min(TRAINING_ROWS)
    cohort = open_cohort(table)
    split = split_cohort(cohort, "file")
    tops = {
        part: {int(str(cohort.samples[row].patient_id).split("-")[1]) for row in rows}
        for part, rows in split.parts.items()
    }
    assert tops["test"] == set(TEST_ROWS)
    assert tops["train"] == set(TRAINING_ROWS)
    judged = pictures(cohort, split.test)
    assert judged.images.shape[1:] == (SIDE, SIDE)
    assert sorted(set(judged.levels)) == [0.0, 0.4, 0.9]
    assert (np.isfinite(judged.sharp[:, 0, 0]) == (judged.levels > 0)).all()
    row = next(row for row, level in enumerate(judged.levels) if level == 0.9)
    stack, top, left = str(judged.samples[row].patient_id).split("-")
    plane = cv2.imread(
        str(tmp_path / "dfnn_defocus_stacks" / stack / "z0051.png"), cv2.IMREAD_UNCHANGED
    )
    there = plane[int(top) : int(top) + SIDE, int(left) : int(left) + SIDE]
    np.testing.assert_allclose(judged.sharp[row], np.clip(there / white, 0, 1), atol=1e-5)


def nuclei(folder: Path) -> None:
    from bench.defocus_fields import PAIR_DEGRADED, PAIR_SHARP, PAIR_TEACHERS

    home = folder / "bbbc006_degradation_pairs"
    home.mkdir()
    for row, name in enumerate(PAIR_TEACHERS):
        cv2.imwrite(str(home / name), (900 * scene(row, 210)).astype(np.uint16))
    sharp = scene(9, 100)
    cv2.imwrite(str(home / PAIR_SHARP), (900 * sharp).astype(np.uint16))
    for row, name in enumerate(PAIR_DEGRADED):
        blurred = gaussian_blur(sharp, 1 + row / 2)
        cv2.imwrite(str(home / name), (900 * blurred).astype(np.uint16))


@pytest.mark.slow
def test_runs_end_to_end(tmp_path: Path, capsys) -> None:
    from bench.defocus import main
    from bench.defocus_tables import tables

    data = stacks(tmp_path)
    nuclei(data)
    stored, out = tmp_path / "result.json", tmp_path / "out"
    main(["--out", str(out), "--data", str(data), "--quick", "--result", str(stored)])
    result = json.loads(stored.read_text("utf-8"))
    parts = result["stacks"]
    assert parts["steps"] == result["pairs"]["steps"] == 2
    assert parts["judged_pairs"] == 0.75 * parts["images"]["test"]
    assert any("diagnosis" in line for line in parts["tasks_left_out"])
    assert len(parts["methods"]) == 10
    assert len(result["pairs"]["images"]) == 7
    assert (out / "defocus.jpg").stat().st_size < 200_000
    assert tables(result) in capsys.readouterr().out
