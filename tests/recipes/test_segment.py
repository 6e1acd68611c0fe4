"""The segment recipe on painted ellipses: presets, training and measuring."""

import json

import cv2
import numpy as np
import pytest
import yaml

from polyclinic.data import Cohort, write_coco
from polyclinic.fitting.fit import fit
from polyclinic.recipes.find import find_recipe
from polyclinic.recipes.segment import Segment
from polyclinic.runs.load import load
from polyclinic.sample import Instance, Mask, Sample, Spacing

TINY = {
    "data": {"frame": {"longest": 64}, "split": (0.5, 0.25, 0.25)},
    "model": {"encoder": "test_resnet", "pyramid_channels": 16},
    "segments": {"width": 16},
    "train": {"steps": 2, "batch_size": 2, "warmup_steps": 1, "workers": 0},
}


@pytest.fixture(scope="module")
def discs(tmp_path_factory):
    """Four patients with an image each: a disc of 24 x 16 mm and, in all but one, a cup."""
    folder = tmp_path_factory.mktemp("discs")
    samples = []
    for number in range(4):
        canvas = {
            name: cv2.ellipse(
                np.zeros((48, 64), np.uint8), (30, 22), axes, 20 * number, 0, 360, 1, -1
            )
            for name, axes in (("disc", (24, 16)), ("cup", (8, 6)))
        }
        masks = [Mask.from_array(one > 0) for one in canvas.values()][: 1 + (number > 0)]
        image = 60 + 80 * canvas["disc"] + 80 * canvas["cup"]
        cv2.imwrite(str(folder / f"{number}.png"), image)
        samples.append(
            Sample(
                image_id=number,
                size=(48, 64),
                file=str(folder / f"{number}.png"),
                patient_id=str(number),
                spacing=Spacing.square(0.5, "calibrated"),
                instances=tuple(
                    Instance(box=mask.box(), category=row, mask=mask)
                    for row, mask in enumerate(masks)
                ),
            )
        )
    file = folder / "discs.json"
    write_coco(Cohort(samples=tuple(samples), classes=("disc", "cup")), file)
    return file


@pytest.mark.parametrize("preset", ["small", "paper"])
def test_settings_survive_their_file(preset):
    config = Segment().resolve({"preset": preset})
    assert Segment.settings.parse(yaml.safe_load(config.to_yaml())) == config


def test_it_is_found_by_name():
    assert isinstance(find_recipe("segment"), Segment)


def test_a_run_is_made_and_read(discs, tmp_path):
    fitted = fit("segment", discs, tmp_path / "run", TINY)
    assert fitted.left_out == ()
    reader = load(tmp_path / "run")
    reader.accept = 0.0
    assert list(reader.network.tasks) == ["segments"]
    reading = reader.read(discs.with_name("1.png"))
    named = {one.name for one in reading.measurements}
    assert named == {
        f"{name}_{shape}"
        for name in ("disc", "cup")
        for shape in ("area", "circumference", "major_axis", "minor_axis")
    }
    assert json.loads((tmp_path / "run" / "model.json").read_text())["tasks"] == ["segments"]


def test_only_the_wanted_quantities_are_measured(discs, tmp_path):
    fit("segment", discs, tmp_path / "run", TINY | {"shape": ("circumference",)})
    reader = load(tmp_path / "run")
    reader.accept = 0.0
    reading = reader.read(discs.with_name("1.png"))
    assert [one.name for one in reading.measurements] == ["disc_circumference", "cup_circumference"]


@pytest.mark.slow
def test_it_learns_to_measure(discs, tmp_path):
    settings = TINY | {
        "data": {"frame": {"longest": 64}, "split": (0.75, 0, 0.25)},
        "segments": {"width": 64},
        "train": {"steps": 150, "batch_size": 3, "lr": 3e-3, "warmup_steps": 5, "workers": 0},
    }
    fitted = fit("segment", discs, tmp_path / "run", settings)
    cohort_file = json.loads(discs.read_text())
    [row] = fitted.split.test
    reading = load(tmp_path / "run").read(
        discs.with_name(cohort_file["images"][row]["file_name"]),
        spacing=Spacing.square(0.5, "calibrated"),
    )
    found = {one.name: one for one in reading.measurements}
    assert found["disc_major_axis"].unit == "mm"
    assert found["disc_major_axis"].value == pytest.approx(24.5, abs=2)
    assert found["disc_minor_axis"].value == pytest.approx(16.5, abs=2)
