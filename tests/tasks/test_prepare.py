from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.data.augment import GRAINS, AugmentConfig, FrameConfig
from polyclinic.sample import Instance, Sample
from polyclinic.tasks.prepare import prepare_reading, prepare_training
from tests.tasks.networks import INSTANCES, LANDMARKS, MASKS, build, painted_facts
from tests.tasks.painting import SCHEMA, paint_sample

SAMPLE = paint_sample(0)
FRAME = FrameConfig(longest=128)
STRONG = AugmentConfig(
    degrees=10, scale=(0.7, 1.4), brightness=0.2, contrast=0.2, noise=5, blur=1, saturation=0.3
)
STILL = AugmentConfig(mirror=0)
KNEEL = AugmentConfig(
    degrees=90,
    scale=(0.8, 1.3),
    shear=0.1,
    perspective=0.93,
    zoom=(0.5, 2.5),
    shift=0.08,
    plane=0.7,
    warp=0.5,
    gamma=0.8,
    gamma_often=0.5,
    grain=GRAINS,
    cutout=0.1,
    jitter=0.003,
)
TASKS = build((INSTANCES, MASKS, LANDMARKS), painted_facts([SAMPLE])).task_list


def prepared(key, augment, sample=SAMPLE):
    return prepare_training(sample, key, tasks=TASKS, frame=FRAME, augment=augment, schema=SCHEMA)


@pytest.mark.parametrize("augment", [STRONG, KNEEL], ids=["strong", "kneel"])
def test_the_key_decides_everything(augment):
    first, again, other = (prepared(key, augment) for key in (5, 5, 6))
    assert torch.equal(first.image, again.image)
    for task, target in first.targets.items():
        for name, value in target.items():
            assert torch.equal(value, again.targets[task][name])
    assert first.image.shape != other.image.shape or not torch.equal(first.image, other.image)


def test_nothing_to_change_gives_the_image_itself():
    one = prepared(0, STILL)
    assert np.array_equal(one.image.permute(1, 2, 0).numpy(), SAMPLE.pixels)
    boxes = np.array([instance.box for instance in SAMPLE.instances])
    np.testing.assert_allclose(one.targets["instances"]["boxes"].numpy(), boxes + 0.5)


def test_a_flip_moves_everything_and_swaps_sides():
    flipped = prepared(0, AugmentConfig(mirror=1))
    still = prepared(0, STILL)
    assert torch.equal(flipped.image, still.image.flip(2))
    width = still.image.shape[2]
    before, after = still.targets["instances"]["boxes"], flipped.targets["instances"]["boxes"]
    mirrored = torch.stack(
        [width - before[:, 2], before[:, 1], width - before[:, 0], before[:, 3]], 1
    )
    torch.testing.assert_close(after, mirrored)
    top, left, right = still.targets["landmarks"]["points"].unbind(1)
    new_top, new_left, new_right = flipped.targets["landmarks"]["points"].unbind(1)
    for new, old in ((new_top, top), (new_left, right), (new_right, left)):
        torch.testing.assert_close(new[:, 0], width - old[:, 0])
        torch.testing.assert_close(new[:, 1], old[:, 1])
    assert (new_left[:, 0] < new_right[:, 0]).all()


def test_light_does_not_change_what_the_view_is():
    dark = prepared(3, STRONG.model_copy(update={"brightness": 0.0, "noise": 0.0}))
    bright = prepared(3, STRONG)
    for task, target in dark.targets.items():
        for name, value in target.items():
            assert torch.equal(value, bright.targets[task][name])


def test_the_view_does_not_change_what_the_light_is():
    """The same numbers are drawn for the light however many the view took."""
    only_light = AugmentConfig(mirror=0, brightness=0.5)
    shift = AugmentConfig(mirror=0, brightness=0.5, scale=(1.3, 1.3))
    flat = replace(SAMPLE, image=np.full_like(SAMPLE.pixels, 100))
    first, second = prepared(4, only_light, flat), prepared(4, shift, flat)
    assert first.image[0, 40, 40] == second.image[0, 40, 40] != 100


def test_streams_that_come_last_leave_the_first_as_they_were():
    """View and light had two streams before the others came."""
    for two, more in zip(*(np.random.default_rng(11).spawn(n) for n in (2, 5)), strict=False):
        assert np.array_equal(two.random(10), more.random(10))


OFF = {"grain": (), "gamma": 0.0, "cutout": 0.0, "jitter": 0.0}


@pytest.mark.parametrize("key", range(8))
def test_each_part_can_be_switched_off_alone(key):
    """Boxes don't change with the pixels, nor pixels with where landmarks are said to be."""
    whole = prepared(key, KNEEL)
    parts = {name: prepared(key, KNEEL.model_copy(update={name: off})) for name, off in OFF.items()}
    for one in parts.values():
        assert torch.equal(one.targets["instances"]["boxes"], whole.targets["instances"]["boxes"])
    for name in ("grain", "gamma", "cutout"):
        points = parts[name].targets["landmarks"]["points"]
        assert torch.equal(points, whole.targets["landmarks"]["points"])
    assert torch.equal(parts["jitter"].image, whole.image)
    hidden = (whole.image != parts["cutout"].image).any(0)
    assert not whole.image[:, hidden].any(), "outside of the black square nothing changed"


def blobs(places):
    """One blob a channel, and an object with a landmark on each."""
    rows, columns = np.mgrid[:200, :260]
    far = [(columns - x) ** 2 + (rows - y) ** 2 for x, y in places]
    image = np.dstack([np.round(30 + 220 * np.exp(-one / 50)) for one in far]).astype(np.uint8)
    landmarks = np.column_stack([places, np.full(3, 2.0)])
    instance = Instance(box=np.array([5.0, 5, 250, 190]), category=0, landmarks=landmarks)
    return Sample(image_id=0, size=(200, 260), image=image, instances=(instance,))


class Seen:
    """A task that keeps what it is given."""

    name, least_side = "seen", 0.0

    def encode(self, sample):
        return {"landmarks": sample.instances[0].landmarks} if sample.instances else {}


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 2**31),
    st.lists(st.tuples(st.floats(80, 180), st.floats(60, 140)), min_size=3, max_size=3),
)
def test_landmarks_stay_on_what_is_painted_under_everything(key, places):
    """Smoothed, a channel is brightest at its landmark, unless that is cut out."""
    one = prepare_training(
        blobs(np.array(places)),
        key,
        tasks=[Seen()],
        frame=FrameConfig(longest=260),
        augment=KNEEL,
        schema=None,
    )
    image = one.image.permute(1, 2, 0).numpy()
    for channel, (x, y, labelled) in enumerate(one.targets["seen"].get("landmarks", ())):
        smooth = cv2.GaussianBlur(
            np.ascontiguousarray(image[..., channel]).astype(np.float32), (0, 0), 2
        )
        column, row = round(x), round(y)
        near = image[max(row - 6, 0) : row + 7, max(column - 6, 0) : column + 7]
        at_the_rim = near.shape != (13, 13, 3)
        cut = (near == 0).all(2).mean() > 0.1
        if not labelled or at_the_rim or cut:
            continue
        rows, columns = np.nonzero(smooth >= 0.93 * smooth.max())
        assert np.hypot(columns.mean() - x, rows.mean() - y) < 2.5


def test_slivers_are_left_out():
    instance = SAMPLE.instances[0]
    thin = replace(instance, mask=None, box=np.array([10.0, 10.0, 11.5, 60.0]))
    one = prepared(0, STILL, replace(SAMPLE, instances=(instance, thin)))
    assert len(one.targets["instances"]["boxes"]) == 1


@pytest.mark.parametrize("instances", [None, ()])
def test_without_instances(instances):
    one = prepared(0, STRONG, replace(SAMPLE, instances=instances))
    assert bool(one.targets["instances"]["annotated"]) is (instances is not None)
    assert {len(one.targets[t][k]) for t, k in (("masks", "has"), ("landmarks", "points"))} == {0}


@pytest.mark.parametrize("longest", [64, 128, 200])
def test_reading_sees_the_whole_image_and_finds_its_way_back(longest):
    frame = FrameConfig(longest=longest)
    one, to_network = prepare_reading(SAMPLE, frame)
    assert one.image.shape[1:] == frame.fit(SAMPLE.size)
    assert one.targets == {}
    height, width = SAMPLE.size
    corners = np.array([[-0.5, -0.5], [width - 0.5, height - 0.5]])
    seen = to_network.points(corners)
    expected = [[-0.5, -0.5], [one.image.shape[2] - 0.5, one.image.shape[1] - 0.5]]
    np.testing.assert_allclose(seen, expected)
    np.testing.assert_allclose(to_network.inverse().points(seen), corners)
