from dataclasses import replace

import numpy as np
import pytest
import torch

from polyclinic.data.augment import AugmentConfig, FrameConfig
from polyclinic.errors import ConfigError
from polyclinic.geometry import Homography
from polyclinic.models import build_encoder, build_pyramid
from polyclinic.models.hourglass import HourglassConfig
from polyclinic.tasks import FeatureShape, Network, ReadingBuilder, Scene
from polyclinic.tasks.points import PointsConfig
from polyclinic.tasks.points.penalty import SpotConfig
from polyclinic.tasks.prepare import prepare_training
from tests.tasks.networks import INSTANCES, POINTS, batch_of, build, painted_facts
from tests.tasks.painting import CLASSES, SCHEMA, paint_sample

SAMPLE = paint_sample(0, loops=1)
[LOOP] = SAMPLE.instances
FACTS = painted_facts([SAMPLE])


def losses_of(*samples):
    network = build((POINTS,), FACTS).train()
    return network(batch_of(network, samples))


def test_each_coordinate_of_a_labelled_landmark_counts():
    assert losses_of(SAMPLE)["points"].count == 6
    landmarks = LOOP.landmarks.copy()
    landmarks[0, 2], landmarks[1] = 1, 0
    partly = replace(SAMPLE, instances=(replace(LOOP, landmarks=landmarks),))
    assert losses_of(partly)["points"].count == 4
    assert losses_of(replace(SAMPLE, instances=())) == {}


class Said(torch.nn.Module):
    """A head that says the same of everything."""

    def __init__(self, logits):
        super().__init__()
        self.logits = logits

    def forward(self, pyramid, size):
        return self.logits


def said(logits, sizes):
    """What the task reads from heat maps of 4-pixel cells."""
    task = build((POINTS,), FACTS).tasks["points"]
    task.head = Said(logits)
    frame = (4 * logits.shape[2], 4 * logits.shape[3])
    scene = Scene([logits], {"p2": logits}, frame, sizes, [0] * len(sizes))
    return task, task.predict(scene)


def test_a_peak_is_read_at_the_middle_of_its_cell():
    logits = torch.zeros(1, 3, 24, 32)
    logits[0, :, 5, 7] = 100
    _, [found] = said(logits, [SAMPLE.size])
    torch.testing.assert_close(found["points"], torch.tensor([[29.5, 21.5]] * 3))
    torch.testing.assert_close(found["confidence"], torch.ones(3))


def test_spots_count_each_labelled_landmark_and_fall_with_the_distance():
    config = POINTS.model_copy(update={"spot": SpotConfig(weight=3.0)})
    task = build((config,), FACTS).tasks["points"]
    assert task.loss_names == ("points", "spots")
    losses = []
    for column in (7, 9, 20):
        logits = torch.zeros(1, 3, 24, 32)
        logits[0, :, 5, column] = 100
        task.head = Said(logits)
        scene = Scene([logits], {"p2": logits}, (96, 128), [(96, 128)], [0])
        true = torch.tensor([[29.5, 21.5]] * 3)
        target = {"points": true, "labelled": torch.tensor([True, True, False])}
        found = task.losses(scene, [target])["spots"]
        assert found.count == 2
        losses.append((found.total / found.count).item())
    assert losses == sorted(losses)
    assert losses[2] == pytest.approx(3 * np.log(2), abs=1e-3)


def test_padding_moves_nothing():
    logits = torch.randn(1, 3, 24, 32)
    _, [before] = said(logits, [(80, 100)])
    logits[..., 20:, :] = 50
    logits[..., 25:] = 50
    _, [after] = said(logits, [(80, 100)])
    torch.testing.assert_close(before["points"], after["points"])
    torch.testing.assert_close(before["confidence"], after["confidence"])


def test_points_return_to_the_original_with_the_box_of_the_annotator():
    task = build((POINTS,), FACTS).tasks["points"]
    to_network = Homography.resize(SAMPLE.size, (48, 64))
    points = torch.from_numpy(to_network.points(LOOP.landmarks[:, :2]))
    draft = ReadingBuilder(SAMPLE, to_network)
    task.decode({"points": points, "confidence": torch.tensor([0.9, 0.6, 0.6])}, draft)
    [found] = draft.finish(CLASSES, SCHEMA, {}, accept=0.5).instances
    np.testing.assert_allclose(found.landmarks[:, :2], LOOP.landmarks[:, :2], atol=1e-6)
    np.testing.assert_allclose(found.box, LOOP.box, atol=1e-6)
    assert found.score == pytest.approx(0.7)
    assert found.category == LOOP.category


def test_several_classes_leave_the_class_open():
    both = painted_facts([paint_sample(0, loops=1), paint_sample(1, loops=1)])
    assert build((POINTS,), both).tasks["points"].category is None


def test_two_tasks_that_write_instances_are_refused():
    network = build((INSTANCES, POINTS), FACTS).eval()
    found = network.predict(batch_of(network, [SAMPLE]))[0]
    draft = ReadingBuilder(SAMPLE, Homography.identity())
    first, second = network.task_list
    first.decode(found[first.name], draft)
    with pytest.raises(ConfigError, match="both write instances"):
        second.decode(found[second.name], draft)


def test_what_can_not_be_learned_is_left_out():
    assert POINTS.left_out(FACTS) is None
    bare = replace(SAMPLE, instances=(replace(LOOP, landmarks=None),))
    assert POINTS.left_out(painted_facts([bare])) == "no image to train on has landmarks"
    several = POINTS.left_out(painted_facts([paint_sample(0, loops=3)]))
    assert several.startswith("3 objects have landmarks in 1 images")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"levels": ("p1", "p2")}, r"points\.levels"),
        ({"head": "output_block"}, "the output block reads 4 levels"),
        ({"required": ("topp",)}, "did you mean 'top'"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        build((PointsConfig(**settings),), FACTS)


def test_facts_keep_the_margins():
    stored = type(FACTS).from_json(FACTS.to_json())
    assert stored.landmark_margins == FACTS.landmark_margins
    older = {k: v for k, v in FACTS.to_json().items() if k != "landmark_margins"}
    assert type(FACTS).from_json(older).landmark_margins is None


def test_it_reads_the_map_of_an_hourglass():
    encoder = build_encoder("hourglass", hourglass=HourglassConfig(width=4, depth=3))
    pyramid = build_pyramid(encoder, 256)
    shape = FeatureShape(
        map_channels=encoder.channels, pyramid_channels=pyramid.channels, strides=(4,)
    )
    task = PointsConfig(levels=("p2",), head="output_block").build(FACTS, shape)
    network = Network(encoder, pyramid, [task]).train()
    losses = network(batch_of(network, [SAMPLE, SAMPLE]))
    assert losses["points"].count == 12
    losses["points"].total.backward()
    assert all(p.grad is not None for p in network.parameters())


def test_a_point_whose_box_is_a_pixel_is_learned():
    x, y, _ = LOOP.landmarks[0]
    dot = replace(LOOP, mask=None, box=np.array([x - 0.5, y - 0.5, x + 0.5, y + 0.5]))
    encoded = prepare_training(
        replace(SAMPLE, instances=(dot,)),
        0,
        tasks=build((POINTS,), FACTS).task_list,
        frame=FrameConfig(longest=96),
        augment=AugmentConfig(mirror=0),
        schema=SCHEMA,
    )
    assert encoded.targets["points"]["labelled"].all()
