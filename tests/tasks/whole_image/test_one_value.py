"""What tasks of one label pass on to each other."""

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from polyclinic.data.facts import Facts, gather_facts
from polyclinic.errors import DataError
from polyclinic.metrics.classify.answers import word_of
from polyclinic.models import FeaturePyramid, build_encoder
from polyclinic.sample import Sample
from polyclinic.tasks import FeatureShape, Network
from polyclinic.tasks.classes import ClassesConfig
from polyclinic.tasks.edge import Edge
from polyclinic.tasks.grades import GradesConfig
from polyclinic.tasks.multilabel import MultilabelConfig
from polyclinic.tasks.whole_image.one_value import (
    NOT_ANNOTATED,
    named_counts,
    root_weights,
    value_row,
)
from tests.tasks.networks import batch_of
from tests.tasks.whole_image.pictures import picture, read

NUMBERS = st.integers(-5, 5) | st.sampled_from([0.5, 2.0, 1e-7, 1e20])
DRAWN = st.one_of(
    st.lists(NUMBERS | st.text(max_size=3) | st.none(), max_size=12),
    st.lists(st.booleans() | st.text(max_size=3) | st.none(), max_size=12),
)


def samples_of(values):
    return [
        Sample(image_id=row, size=(4, 4), labels={} if value is None else {"a": value})
        for row, value in enumerate(values)
    ]


@given(DRAWN)
def test_rows_name_the_values_that_were_encoded(values):
    samples = samples_of(values)
    gathered = gather_facts(samples, (), None)
    facts = Facts.from_json(json.loads(json.dumps(gathered.to_json())))
    counts = named_counts(facts, "a")
    names = tuple(counts)
    rows = [value_row(sample, "a", names) for sample in samples]
    for value, row in zip(values, rows, strict=True):
        assert row == NOT_ANNOTATED if value is None else names[row] == word_of(value)
    assert counts == Counter(names[row] for row in rows if row != NOT_ANNOTATED)


def test_one_value_in_several_writings_is_one():
    facts = gather_facts(samples_of([2, 2.0, "2", "2.0", 10, float("nan")]), (), None)
    assert named_counts(facts, "a") == {"2": 4, "10": 1}
    assert value_row(samples_of([float("nan")])[0], "a", ("2", "10")) == NOT_ANNOTATED


def test_values_keep_the_order_of_the_facts():
    facts = gather_facts(samples_of(["native", 10, "absent", 9]), (), None)
    assert list(named_counts(facts, "a")) == ["9", "10", "absent", "native"]


def test_uncounted_values_count_once():
    facts = gather_facts(samples_of(["x", "x", "y"]), (), None)
    document = facts.to_json()
    del document["label_counts"]
    assert named_counts(Facts.from_json(document), "a") == {"x": 1, "y": 1}


def test_a_value_that_is_not_declared_is_refused():
    sample = Sample(image_id=7, size=(4, 4), labels={"a": "nativ"})
    with pytest.raises(DataError, match=r"image 7: label 'a' is 'nativ'; .*mean 'native'\?"):
        value_row(sample, "a", ("native", "implant"))


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=8))
def test_weights_are_inverse_to_the_root_with_a_mean_of_one(counts):
    assume(any(counts))
    weights, images = root_weights(counts).double().numpy(), np.array(counts)
    np.testing.assert_allclose((weights * images).sum(), images.sum(), rtol=1e-5)
    present = images > 0
    np.testing.assert_allclose(np.ptp((weights * np.sqrt(images))[present]), 0, atol=1e-2)
    assert not weights[~present].any()


def test_even_values_weigh_the_same():
    assert torch.equal(root_weights([3, 3, 0]), torch.tensor([1.0, 1.0, 0.0]))


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
