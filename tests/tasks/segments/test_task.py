from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.decoding.segments import find_region, stability
from polyclinic.errors import ConfigError
from polyclinic.geometry import Homography
from polyclinic.sample import Instance, Mask
from polyclinic.tasks import ReadingBuilder, Scene
from polyclinic.tasks.segments import SegmentsConfig
from polyclinic.tasks.segments.task import class_maps
from tests.tasks.networks import INSTANCES, SEGMENTS, batch_of, build, painted_facts
from tests.tasks.painting import CLASSES, paint_sample

SIZE = (60, 80)


def box_mask(top, left, height, width, size=SIZE):
    array = np.zeros(size, bool)
    array[top : top + height, left : left + width] = True
    return Mask.from_array(array)


def instance(mask, category=0):
    return Instance(box=np.array([0.0, 0, 9, 9]), category=category, mask=mask)


def test_masks_of_a_class_are_united_and_classes_may_overlap():
    disc, cup, more = box_mask(5, 5, 30, 30), box_mask(10, 10, 8, 8), box_mask(20, 20, 30, 40)
    maps, known = class_maps([instance(disc), instance(cup, 1), instance(more)], SIZE, 2)
    np.testing.assert_array_equal(maps[0] > 0, disc.array() | more.array())
    np.testing.assert_array_equal(maps[1] > 0, cup.array())
    assert known.all()


def test_looked_at_and_empty_is_known():
    maps, known = class_maps([], SIZE, 2)
    assert not maps.any()
    assert known.all()


@pytest.mark.parametrize(
    ("instances", "known"),
    [
        (None, [False, False]),
        ([instance(None, 0)], [False, True]),
        ([instance(box_mask(1, 1, 5, 5), None)], [False, False]),
    ],
)
def test_what_nobody_outlined_is_not_known(instances, known):
    assert class_maps(instances, SIZE, 2)[1].tolist() == known


def found(array, to_network=None, size=SIZE, *, parts="all", fill_holes=False):
    probabilities = np.asarray(array, np.float32)
    return find_region(
        probabilities, to_network or Homography.identity(), size, parts=parts, fill_holes=fill_holes
    )


@given(
    st.integers(0, 40), st.integers(0, 50), st.integers(4, 20), st.integers(4, 30), st.booleans()
)
def test_a_region_read_at_half_the_size_comes_back_to_its_place(top, left, height, width, halved):
    top, left, height, width = (2 * (value // 2) for value in (top, left, height, width))
    mask = box_mask(top, left, height, width)
    if not halved:
        assert (found(mask.array()).mask.array() == mask.array()).all()
        return
    small = mask.array()[::2, ::2]
    region = found(small, Homography.resize(SIZE, small.shape))
    np.testing.assert_array_equal(region.mask.box(), mask.box())
    # Linear interpolation takes the corner pixels.
    assert (region.mask.array() ^ mask.array()).sum() <= 4


def test_nothing_over_one_half_is_no_region():
    assert found(np.full(SIZE, 0.49)) is None


def test_the_largest_part_stays():
    large, small = box_mask(5, 5, 20, 20), box_mask(40, 50, 10, 10)
    both = large.array() | small.array()
    assert found(both).mask.area == 500
    region = found(both, parts="largest")
    np.testing.assert_array_equal(region.mask.array(), large.array())
    np.testing.assert_array_equal(region.mask.box(), large.box())


def test_parts_that_touch_at_a_corner_are_one():
    touching = box_mask(5, 5, 10, 10).array() | box_mask(15, 15, 5, 5).array()
    assert found(touching, parts="largest").mask.area == 125


def test_holes_are_filled_when_asked():
    ring = box_mask(5, 5, 30, 30).array() & ~box_mask(12, 12, 9, 9).array()
    assert found(ring).mask.area == 900 - 81
    assert found(ring, fill_holes=True).mask.area == 900


def test_stability_is_the_overlap_of_two_cuts():
    shares = np.full(SIZE, 0.1, np.float32)
    shares[10:30, 10:30] = 0.4
    shares[15:25, 15:25] = 0.9
    assert stability(shares) == 100 / 400
    assert found(shares).score == 100 / 400
    assert stability((shares > 0.5).astype(np.float32)) == 1
    assert stability(np.zeros(SIZE, np.float32)) == 0


SAMPLE = paint_sample(0, loops=3)
FACTS = painted_facts([SAMPLE])


def losses_of(*samples, network=None):
    network = (network or build((SEGMENTS,), FACTS)).train()
    return network(batch_of(network, samples))


def test_only_known_classes_are_counted():
    assert losses_of(SAMPLE)["segments_bce"].count == 2
    first, *others = SAMPLE.instances
    unmasked = replace(SAMPLE, instances=(replace(first, mask=None), *others))
    assert losses_of(unmasked)["segments_bce"].count == 1
    assert losses_of(SAMPLE, unmasked)["segments_dice"].count == 3
    unnamed = replace(SAMPLE, instances=(replace(first, category=None), *others))
    assert losses_of(unnamed) == {}


def test_an_image_annotated_as_empty_teaches_background():
    network = build((SEGMENTS,), FACTS)
    losses = losses_of(replace(SAMPLE, instances=()), network=network)
    sum(loss.total for loss in losses.values()).backward()
    assert (network.tasks["segments"].head.outputs.bias.grad > 0).all()


class Said(torch.nn.Module):
    """A head that says the same of everything."""

    def __init__(self, logits):
        super().__init__()
        self.logits = logits

    def forward(self, pyramid, size):
        return self.logits


def test_padding_costs_nothing():
    """Whatever the head says outside an image, its loss is the same."""
    task = build((SEGMENTS,), FACTS).tasks["segments"]
    target = task.encode(SAMPLE)
    height, width = SAMPLE.size

    def loss_with(padding):
        logits = torch.full((1, 2, height + 32, width + 32), padding)
        logits[..., :height, :width] = 0.3
        task.head = Said(logits)
        scene = Scene([logits], {}, (height + 32, width + 32), [SAMPLE.size], [0])
        return {name: loss.total for name, loss in task.losses(scene, [target]).items()}

    assert loss_with(-9.0) == loss_with(9.0)


def drafted(shares, **settings):
    config = SegmentsConfig(**settings)
    task = build((config,), FACTS).tasks["segments"]
    draft = ReadingBuilder(SAMPLE, Homography.identity())
    task.decode({"probabilities": torch.from_numpy(np.asarray(shares, np.float32))}, draft)
    return draft


def test_one_instance_a_class_most_stable_first():
    shares = np.full((2, *SAMPLE.size), 0.01)
    shares[0, 10:30, 10:30], shares[0, 30:34, 10:30] = 0.9, 0.4
    shares[1, 40:60, 20:50] = 0.9
    reading = drafted(shares).finish(CLASSES, None, {}, accept=0.5)
    assert [one.category for one in reading.instances] == [1, 0]
    assert [one.score for one in reading.instances] == [1.0, pytest.approx(400 / 480)]
    assert [one.mask.area for one in reading.instances] == [600, 400]
    np.testing.assert_array_equal(reading.instances[1].box, [9.5, 9.5, 29.5, 29.5])


def test_an_empty_map_gives_no_instance():
    assert drafted(np.full((2, *SAMPLE.size), 0.2)).instances == []


def test_settings_reach_the_decoding():
    shares = np.zeros((2, *SAMPLE.size))
    shares[0, 10:30, 10:30], shares[0, 50:60, 50:60] = 0.9, 0.9
    shares[0, 15:20, 15:20] = 0
    [whole] = drafted(shares).instances
    [cleaned] = drafted(shares, parts="largest", fill_holes=True).instances
    assert (whole["mask"].area, cleaned["mask"].area) == (475, 400)


def test_two_tasks_that_write_instances_are_refused():
    network = build((INSTANCES, SEGMENTS), FACTS).eval()
    found = network.predict(batch_of(network, [SAMPLE]))[0]
    draft = ReadingBuilder(SAMPLE, Homography.identity())
    first, second = network.task_list
    first.decode(found[first.name], draft)
    with pytest.raises(ConfigError, match="both write instances"):
        second.decode(found[second.name], draft)


def test_what_can_not_be_learned_is_left_out():
    assert SEGMENTS.left_out(FACTS) is None
    bare = replace(SAMPLE, instances=tuple(replace(o, mask=None) for o in SAMPLE.instances))
    assert SEGMENTS.left_out(painted_facts([bare])) == "no image to train on has a mask"
    assert SEGMENTS.left_out(replace(FACTS, classes=())) == "the data set names no classes"


def test_levels_must_exist():
    with pytest.raises(ConfigError, match=r"segments\.levels"):
        build((SegmentsConfig(levels=("p1", "p2")),), FACTS)


@pytest.mark.slow
def test_two_images_are_learned_by_heart():
    samples = [paint_sample(seed, loops=2 + seed) for seed in (0, 1)]
    network = build((SegmentsConfig(width=64),), painted_facts(samples)).train()
    batch = batch_of(network, samples)
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3)
    for _ in range(100):
        losses = network(batch)
        optimiser.zero_grad()
        sum(loss.total / loss.count for loss in losses.values()).backward()
        optimiser.step()
    network.eval()
    for sample, found in zip(samples, network.predict(batch), strict=True):
        maps = network.tasks["segments"].encode(sample)["maps"] > 0
        cut = found["segments"]["probabilities"] >= 0.5
        assert (maps & cut).sum() / (maps | cut).sum() > 0.9
