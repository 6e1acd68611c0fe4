from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.data.augment import (
    GRAINS,
    AugmentConfig,
    FrameConfig,
    add_grain,
    change_light,
    cut_out,
    jitter_landmarks,
    random_view,
)
from polyclinic.data.degrade import DegradeConfig
from polyclinic.geometry import Homography, move_sample
from polyclinic.sample import Instance, Mask, Sample
from polyclinic.tasks.instances.matching import match_regions
from polyclinic.tasks.prepare import prepare_reading, prepare_training
from tests.tasks.networks import INSTANCES, LANDMARKS, MASKS, SEGMENTS, build, painted_facts
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


def test_slivers_are_neither_object_nor_background():
    instance = SAMPLE.instances[0]
    thin = replace(instance, mask=None, box=np.array([10.0, 10.0, 11.5, 60.0]))
    target = prepared(0, STILL, replace(SAMPLE, instances=(instance, thin))).targets["instances"]
    assert target["crowd"].tolist() == [False, True]
    x1, y1, x2, y2 = target["boxes"][1].tolist()
    assert (x1 + x2, y1, y2) == (22.5, 10.5, 60.5)
    drawn_around = torch.tensor([[x1, y1, x2, y2], [30.0, 10, 34, 60]])
    _, labels, _ = match_regions(drawn_around, target, 0.5)
    assert labels[:2].tolist() == [-1, 0]


def layers(*thicknesses, size=(64, 256)):
    """One class a layer, drawn across the image, as many rows thick as said."""
    masks = []
    for row, thickness in enumerate(thicknesses):
        drawn = np.zeros(size, bool)
        drawn[12 + 20 * row : 12 + 20 * row + thickness] = True
        masks.append(Mask.from_array(drawn))
    found = [Instance(box=one.box(), category=c, mask=one) for c, one in enumerate(masks)]
    image = np.zeros((*size, 3), np.uint8)
    return Sample(image_id=1, size=size, image=image, instances=tuple(found))


def test_a_class_too_thin_for_the_network_is_not_known():
    task = build((SEGMENTS,), painted_facts([SAMPLE])).tasks["segments"]
    frame = FrameConfig(longest=64)  # a quarter of the pixels
    known = {
        thickness: prepare_training(
            layers(thickness, 12),
            0,
            tasks=[task],
            frame=frame,
            augment=STILL,
            schema=None,
        ).targets["segments"]
        for thickness in (1, 8)
    }
    assert known[1]["known"].tolist() == [False, True]
    assert known[8]["known"].tolist() == [True, True]
    assert known[8]["maps"].sum((1, 2)).tolist() == [2 * 64, 3 * 64]


def test_what_leaves_the_view_leaves_its_class_known():
    sample = layers(8)
    beside = Homography.translation(0, -60)
    moved = move_sample(sample, beside, sample.size)
    assert moved.instances == ()


def test_where_some_objects_are_annotated_nothing_is_background():
    some = replace(SAMPLE, annotated=frozenset({"grade"}))
    target = prepared(0, STILL, some).targets["instances"]
    regions = torch.tensor([[0.0, 0, 6, 6], [40, 50, 60, 61]])
    _, labels, _ = match_regions(regions, target, 0.5)
    assert set(labels[:2].tolist()) == {-1}
    assert (labels[2:] > 0).all()
    task = build((SEGMENTS,), painted_facts([SAMPLE])).tasks["segments"]
    assert not task.encode(some)["known"].any()
    assert task.encode(SAMPLE)["known"].all()


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


DEGRADE = DegradeConfig(blur=0.03, share=1.0)
LIGHT = AugmentConfig(mirror=0, brightness=0.3, contrast=0.3, gamma=0.5, tint=0.2, saturation=0.3)
DIRT = {"noise": 9.0, "blur": 2.0, "grain": ("salt_and_pepper",), "cutout": 0.4}


class Whole:
    """A task that keeps the sample."""

    name, least_side = "whole", 0.0

    def encode(self, sample):
        return {"sample": sample}


def viewed(key, augment, degrade, sample=SAMPLE):
    one = prepare_training(
        sample, key, tasks=[Whole()], frame=FRAME, augment=augment, schema=SCHEMA, degrade=degrade
    )
    return one.image.permute(1, 2, 0).numpy(), one.targets["whole"]["sample"]


@pytest.mark.parametrize("augment", [STRONG, KNEEL], ids=["strong", "kneel"])
@pytest.mark.parametrize("key", range(4))
def test_without_degradation_views_are_what_they_were_before_it_came(augment, key):
    of_view, of_light, of_jitter, of_grain, of_cutout = np.random.default_rng(key).spawn(5)
    view, size = random_view(SAMPLE.size, FRAME, augment, of_view)
    moved = jitter_landmarks(move_sample(SAMPLE, view, size, SCHEMA), augment.jitter, of_jitter)
    image = add_grain(moved.pixels, augment.grain, of_grain)
    image = cut_out(change_light(image, augment, of_light), augment.cutout, of_cutout)
    seen, sample = viewed(key, augment, DegradeConfig())
    assert np.array_equal(seen, image)
    assert sample.sharp is None
    assert "quality" not in sample.labels
    assert all(map(np.array_equal, boxes(sample), boxes(moved)))


def boxes(sample):
    return [one.box for one in sample.instances]


@pytest.mark.parametrize("key", range(4))
def test_degradation_changes_nothing_but_the_pixels(key):
    _, sharp = viewed(key, KNEEL, DegradeConfig())
    _, poor = viewed(key, KNEEL, DEGRADE)
    assert all(map(np.array_equal, boxes(poor), boxes(sharp)))
    assert poor.size == sharp.size


@pytest.mark.parametrize("key", range(4))
def test_a_degraded_view_lies_beside_the_view_before_in_the_same_light(key):
    clear, _ = viewed(key, LIGHT, DegradeConfig())
    image, sample = viewed(key, LIGHT, DEGRADE)
    assert np.array_equal(sample.sharp, clear)
    assert np.array_equal(sample.pixels, image)
    assert not np.array_equal(image, clear)
    assert 0 < sample.labels["quality"] <= 1


def test_a_view_left_alone_is_its_own_partner():
    image, sample = viewed(1, LIGHT, DegradeConfig(blur=0.03, share=0.0))
    assert np.array_equal(sample.sharp, image)
    assert sample.labels["quality"] == 0


@pytest.mark.parametrize("key", range(4))
def test_noise_grain_and_cut_out_spare_the_partner(key):
    _, clean = viewed(key, LIGHT, DEGRADE)
    image, dirty = viewed(key, LIGHT.model_copy(update=DIRT), DEGRADE)
    assert np.array_equal(dirty.sharp, clean.sharp)
    assert not np.array_equal(image, clean.pixels)
    assert dirty.labels["quality"] == clean.labels["quality"]


@pytest.mark.parametrize("degrade", [DegradeConfig(), DEGRADE], ids=["off", "on"])
def test_a_stored_partner_is_moved_and_lit_as_the_image(degrade):
    sample = replace(SAMPLE, sharp=SAMPLE.pixels, labels={"quality": 0.4})
    augment = LIGHT.model_copy(update={"degrees": 20, "mirror": 0.5, "scale": (0.7, 1.3)})
    for key in range(4):
        image, seen = viewed(key, augment, degrade, sample)
        assert np.array_equal(seen.sharp, image)
        assert seen.labels["quality"] == 0.4


def test_an_image_that_is_poor_already_stays():
    sample = replace(SAMPLE, labels={"quality": 0.4})
    image, seen = viewed(3, LIGHT, DEGRADE, sample)
    assert np.array_equal(image, viewed(3, LIGHT, DegradeConfig(), sample)[0])
    assert seen.sharp is None
    assert seen.labels["quality"] == 0.4
