"""Graphs that compute something else are refused."""

import pytest
import torch

from polyclinic.errors import RunError
from polyclinic.runtime.export.parity import check_graphs
from polyclinic.runtime.export.to_onnx import to_onnx
from tests.runtime.exported.readers import DIAGNOSE, TINY, reader_of


@pytest.fixture(scope="module")
def exported():
    network = reader_of("diagnose", DIAGNOSE).network
    return network, to_onnx(network, (72, 96))


def test_graphs_of_the_network_itself_pass(exported):
    network, graphs = exported
    assert graphs.size is None
    [line] = check_graphs(network, graphs, "first-")
    assert line.startswith("first-whole: within")


@pytest.mark.parametrize("value", [0.5, float("nan"), float("inf")])
def test_other_weights_and_what_is_no_number_are_refused(exported, value):
    _, graphs = exported
    other = reader_of("diagnose", DIAGNOSE).network
    with torch.no_grad():
        other.task_list[-1].head[-1].bias += value
    with pytest.raises(RunError, match="whole differs from its network"):
        check_graphs(other, graphs)


def test_missing_answers_are_refused(exported):
    _, graphs = exported
    other = reader_of("kidney", TINY).network
    with pytest.raises(RunError, match="whole lacks"):
        check_graphs(other, graphs)
