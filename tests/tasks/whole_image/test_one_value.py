"""What tasks of one label pass on to each other."""

from dataclasses import replace

import pytest
import torch

from polyclinic.data.facts import gather_facts
from polyclinic.models import FeaturePyramid, build_encoder
from polyclinic.tasks import FeatureShape, Network
from polyclinic.tasks.classes import ClassesConfig
from polyclinic.tasks.edge import Edge
from polyclinic.tasks.grades import GradesConfig
from polyclinic.tasks.multilabel import MultilabelConfig
from tests.tasks.networks import batch_of
from tests.tasks.whole_image.pictures import picture, read

SAMPLES = [
    picture(seed, (200, 60, 60), a="xyz"[seed % 3], b=seed // 3, grade=seed % 3, odd=seed % 2)
    for seed in range(6)
]
FACTS = gather_facts(SAMPLES, (), None)
SOURCES = (
    ClassesConfig(label="a", hidden=8),
    ClassesConfig(label="a"),
    GradesConfig(label="grade", hidden=8),
    MultilabelConfig(labels=("odd",), hidden=8),
)


def joined(source, what, *, detach=False):
    """A task, then one that receives what it offers."""
    torch.manual_seed(0)
    target = ClassesConfig(label="b", name="target")
    encoder = build_encoder("test_resnet", norm="group")
    pyramid = FeaturePyramid(encoder.channels, 16)
    shape = FeatureShape(
        map_channels=encoder.channels,
        pyramid_channels=16,
        strides=tuple(pyramid.strides.values()),
    )
    first = source.build(FACTS, shape)
    second = target.build(FACTS, replace(shape, fed=first.offers[what]))
    edge = Edge(source=first.name, target=second.name, what=what, detach=detach)
    return Network(encoder, pyramid, [first, second], edges=[edge])


@pytest.mark.parametrize("source", SOURCES, ids=lambda one: f"{one.task_name}_{one.hidden}")
@pytest.mark.parametrize("what", ["features", "prediction"])
@pytest.mark.parametrize("detach", [False, True])
def test_a_task_learns_through_what_it_passed_on(source, what, detach):
    network = joined(source, what, detach=detach).train()
    network(batch_of(network, SAMPLES))["target"].total.backward()
    first = network.task_list[0]
    reached = [one.grad is not None and bool(one.grad.any()) for one in first.head.parameters()]
    passes = not detach and (what == "prediction" or source.hidden is not None)
    assert any(reached) == passes


@pytest.mark.parametrize("source", SOURCES, ids=lambda one: f"{one.task_name}_{one.hidden}")
def test_a_prediction_is_what_is_read(source):
    network = joined(source, "prediction")
    cases = read(network, SAMPLES)
    batch = batch_of(network, SAMPLES)
    first = network.task_list[0]
    with torch.no_grad():
        passed = network.look(batch).outlook(first).prediction
    label = getattr(source, "label", "odd")
    for row, (_, reading) in zip(passed.tolist(), cases, strict=True):
        stated = list(reading.findings[label].values())
        assert row == pytest.approx(stated[-1:] if label == "odd" else stated, abs=1e-5)
