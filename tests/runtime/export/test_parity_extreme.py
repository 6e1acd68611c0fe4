"""Scores far from 0, answers that are nearly 0 everywhere, and images like those of training."""

import numpy as np
import pytest
import torch

from polyclinic.errors import RunError
from polyclinic.runtime.export.parity import check_graphs, example_images
from polyclinic.runtime.export.to_onnx import WHOLE, to_onnx
from polyclinic.runtime.predictors.session import OnnxSession
from polyclinic.tasks.scale import EACH, ONE_OF, PIXELS, SHARES, VALUES
from tests.runtime.exported.readers import DIAGNOSE, SEGMENT, reader_of

SIZE = (72, 96)


@pytest.mark.parametrize("score", [-110.0, -22.0, 22.0, 110.0])
def test_grades_far_from_every_threshold_pass_and_are_finite(score):
    network = reader_of("diagnose", DIAGNOSE).network
    with torch.no_grad():
        network.task_list[-1].head[-1].bias.fill_(score)
    graphs = to_onnx(network, SIZE)
    check_graphs(network, graphs)
    for image in example_images(SIZE):
        found = OnnxSession(graphs.graphs[WHOLE]).run({"image": image})
        assert all(np.isfinite(one).all() for one in found.values())


@pytest.mark.parametrize("bias", [-16.0, -60.0])
def test_maps_that_find_nothing_are_compared_as_probabilities(bias):
    network = reader_of("segment", SEGMENT).network
    with torch.no_grad():
        network.task_list[-1].head.outputs.bias.fill_(bias)
    graphs = to_onnx(network, SIZE)
    check_graphs(network, graphs)
    with torch.no_grad():
        network.task_list[-1].head.outputs.bias.fill_(0.0)
    with pytest.raises(RunError, match=r"of the scale of segments\.probabilities"):
        check_graphs(network, graphs)


def test_what_is_compared_is_what_is_read():
    tiny, other = np.full(4, 1.5e-7), np.full(4, 1.2e-7)
    assert SHARES.apart(tiny, other) < 1e-6
    assert SHARES.apart(np.array([0.5]), np.array([0.51])) == pytest.approx(0.01)
    assert PIXELS.apart(np.array([3000.0]), np.array([3000.5])) == pytest.approx(0.05)
    assert VALUES.apart(np.array([2000.0]), np.array([2001.0])) == pytest.approx(1 / 2000)
    assert VALUES.apart(np.array([1e-9]), np.array([3e-9])) < 1e-8
    assert EACH.apart(np.array([-60.0]), np.array([-np.inf])) < 1e-6
    assert ONE_OF.apart(np.array([[0.0, -44.0]]), np.array([[0.0, -np.inf]])) < 1e-6
    assert EACH.apart(np.array([30.0]), np.array([np.inf])) == 0
    assert ONE_OF.apart(np.array([[0.0, 1.0]]), np.array([[0.5, 1.5]])) == pytest.approx(0.5)
    assert ONE_OF.apart(np.array([[0.0, -9.0]]), np.array([[0.0, -np.inf]])) > 0.5
    assert EACH.apart(np.array([0.3]), np.array([np.inf])) > 0.5


@pytest.mark.parametrize("scale", [SHARES, PIXELS, VALUES, EACH, ONE_OF])
@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_the_same_infinity_at_one_place_is_no_difference(scale, value):
    both = np.array([0.25, value])
    assert scale.apart(both, both.copy()) == 0


@pytest.mark.parametrize("scale", [SHARES, PIXELS, VALUES, EACH, ONE_OF])
def test_what_is_no_number_agrees_with_nothing(scale):
    one, number = np.array([0.25, np.nan]), np.array([0.25, 0.5])
    for wanted, given in ((one, one.copy()), (one, number), (number, one)):
        assert scale.apart(wanted, given) == np.inf


def test_infinities_and_shapes_that_differ_are_refused():
    assert VALUES.apart(np.array([np.inf]), np.array([-np.inf])) == np.inf
    assert SHARES.apart(np.array([0.5]), np.array([np.inf])) == np.inf
    assert SHARES.apart(np.zeros(3), np.zeros(4)) == np.inf
    assert SHARES.apart(np.zeros((0, 2)), np.zeros((0, 2))) == 0


def test_images_are_of_noise_and_smooth_with_most_greys():
    images = example_images((150, 203))
    assert all(one.shape == (150, 203, 3) and one.dtype == np.uint8 for one in images)
    rough = [np.abs(np.diff(one.astype(int), axis=1)).mean() for one in images]
    assert rough[0] > 50 > 10 > max(rough[1:])
    assert all(np.ptp(one) > 100 for one in images)
    assert all(
        np.array_equal(a, b) for a, b in zip(images, example_images((150, 203)), strict=True)
    )
