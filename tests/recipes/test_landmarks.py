"""The landmarks recipe on painted arrows: presets, training, reading and measuring."""

import json
from itertools import pairwise

import cv2
import numpy as np
import pytest
import yaml

from polyclinic.data import Cohort, write_coco
from polyclinic.errors import ConfigError
from polyclinic.fitting.fit import fit
from polyclinic.recipes.find import find_recipe
from polyclinic.recipes.landmarks import Landmarks
from polyclinic.runs.load import load
from polyclinic.sample import Instance, Sample, Spacing
from polyclinic.schema import LandmarkSchema

SCHEMA = LandmarkSchema(
    names=("tip", "left foot", "right foot"), swaps=(("left foot", "right foot"),)
)
SIZE = (72, 96)
TINY = {
    "data": {"frame": {"longest": 96}, "split": (0.5, 0.25, 0.25)},
    "model": {"encoder": "test_resnet", "pyramid_channels": 16},
    "points": {"dropout": 0.2},
    "distances": (("left foot", "right foot"), ("tip", "left foot")),
    "train": {"steps": 2, "batch_size": 2, "warmup_steps": 1, "workers": 0},
}
HOURGLASS = TINY | {
    "preset": "paper",
    "mixup": 0.75,
    "model": {"hourglass": {"width": 4, "depth": 3}},
    "points": {},
}


def painted(number, folder):
    """An upright triangle with a red tip and two blue feet; its box is 6 px wider all around."""
    rng = np.random.default_rng(number)
    width, height = rng.integers(24, 40, 2)
    x, y = int(rng.integers(12, SIZE[1] - width - 12)), int(rng.integers(12, SIZE[0] - height - 12))
    points = np.array([[x + width // 2, y], [x, y + height], [x + width, y + height]])
    image = np.full((*SIZE, 3), 170, np.uint8)
    cv2.polylines(image, [points.astype(np.int32)], True, (90, 90, 90), 2)
    for point, colour in zip(points, ((40, 40, 200), (200, 40, 40), (200, 40, 40)), strict=True):
        cv2.circle(image, tuple(map(int, point)), 4, colour, -1)
    cv2.imwrite(str(folder / f"{number}.png"), image)
    box = np.concatenate([points.min(0) - 6, points.max(0) + 6]).astype(float)
    return Sample(
        image_id=number,
        size=SIZE,
        file=str(folder / f"{number}.png"),
        patient_id=str(number),
        spacing=Spacing.square(0.5, "calibrated"),
        instances=(
            Instance(box=box, category=0, landmarks=np.column_stack([points, [2, 2, 2]]) * 1.0),
        ),
    )


@pytest.fixture(scope="module")
def arrows(tmp_path_factory):
    """Sixteen patients with an arrow each."""
    folder = tmp_path_factory.mktemp("arrows")
    samples = tuple(painted(number, folder) for number in range(16))
    file = folder / "arrows.json"
    write_coco(Cohort(samples=samples, classes=("arrow",), landmark_schema=SCHEMA), file)
    return file


@pytest.mark.parametrize("preset", ["small", "paper", "released"])
def test_settings_survive_their_file(preset):
    config = Landmarks().resolve({"preset": preset})
    assert Landmarks.settings.parse(yaml.safe_load(config.to_yaml())) == config


def test_it_is_found_by_name():
    assert isinstance(find_recipe("landmarks"), Landmarks)


@pytest.mark.parametrize("settings", [TINY, HOURGLASS], ids=["pyramid", "hourglass"])
def test_a_run_is_made_and_read(arrows, tmp_path, settings):
    fitted = fit("landmarks", arrows, tmp_path / "run", settings)
    assert fitted.left_out == ()
    reader = load(tmp_path / "run")
    reader.accept = 0.0
    reading = reader.read(arrows.with_name("1.png"), spacing=Spacing.square(0.5, "calibrated"))
    [found] = reading.instances
    assert reading.landmark_schema == SCHEMA
    assert found.landmarks.shape == (3, 3)
    assert ((found.landmark_confidence >= 0) & (found.landmark_confidence <= 1)).all()
    assert [one.name for one in reading.measurements] == [
        "left_foot_to_right_foot",
        "tip_to_left_foot",
    ]
    ends = [found.landmarks[1, :2], found.landmarks[2, :2]]
    [steps] = [b - a for a, b in pairwise(ends)]
    assert reading.measurements[0].unit == "mm"
    assert reading.measurements[0].value == pytest.approx(0.5 * np.linalg.norm(steps))
    assert json.loads((tmp_path / "run" / "model.json").read_text())["tasks"] == ["points"]


def test_a_distance_to_nowhere_is_refused_before_training(arrows, tmp_path):
    with pytest.raises(ConfigError, match=r"no landmark is named 'left hand'.*'left foot'"):
        fit("landmarks", arrows, tmp_path / "run", TINY | {"distances": (("tip", "left hand"),)})


def test_objects_of_two_classes_are_placed_without_a_class(arrows, tmp_path):
    """Points finds the one object of an image, and does not tell classes apart."""
    document = json.loads(arrows.read_text())
    document["categories"].append(document["categories"][0] | {"id": 2, "name": "bow"})
    for image in document["images"]:
        image["file_name"] = str(arrows.with_name(image["file_name"]))
    for number, one in enumerate(document["annotations"]):
        one["category_id"] = 1 + number % 2
    file = tmp_path / "two.json"
    file.write_text(json.dumps(document))
    fitted = fit("landmarks", file, tmp_path / "run", TINY)
    assert fitted.result.best_score is not None
    reader = load(tmp_path / "run")
    reader.accept = 0.0
    [found] = reader.read(arrows.with_name("1.png")).instances
    assert found.category is None
    decoder = reader.decoders["points"]
    assert type(decoder).from_json(decoder.to_json()) == decoder


@pytest.mark.slow
def test_it_learns_to_place_points(arrows, tmp_path):
    settings = TINY | {
        "data": {"frame": {"longest": 96}, "split": (0.7, 0.15, 0.15)},
        "points": {},
        "train": {
            "steps": 300,
            "batch_size": 4,
            "lr": 3e-3,
            "warmup_steps": 5,
            "workers": 0,
            "evaluate_every": 100,
        },
    }
    fitted = fit("landmarks", arrows, tmp_path / "run", settings)
    document = json.loads(arrows.read_text())
    reader = load(tmp_path / "run")
    assert reader.accept < 0.95
    errors = []
    for row in fitted.split.test:
        image = document["images"][row]
        [true] = [one for one in document["annotations"] if one["image_id"] == image["id"]]
        [found] = reader.read(arrows.with_name(image["file_name"])).instances
        wanted = np.reshape(true["keypoints"], (-1, 3))[:, :2]
        errors.append(np.linalg.norm(found.landmarks[:, :2] - wanted, axis=1))
        x, y, width, height = true["bbox"]
        reach = np.abs(found.box + 0.5 - [x, y, x + width, y + height])
        assert np.median(reach) < 3
    assert np.median(errors) < 2
