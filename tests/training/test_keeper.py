from __future__ import annotations

import pytest
import torch
from torch import nn

from polyclinic.training.keeper import averaged


def test_the_average_follows_by_the_formula():
    network = nn.Linear(1, 1, bias=False)
    average = averaged(network, 0.5)
    expected = None
    for update, value in enumerate([4.0, 2.0, 8.0, -1.0, 3.0]):
        torch.nn.init.constant_(network.weight, value)
        average.update_parameters(network)
        keep = min(0.5, (1 + update) / (10 + update))
        expected = value if expected is None else keep * expected + (1 - keep) * value
        assert average.module.weight.item() == pytest.approx(expected)


def test_buffers_are_averaged_and_counts_copied():
    network = nn.BatchNorm1d(2, momentum=1.0)
    average = averaged(network, 0.9)
    for value in (1.0, 2.0):
        network(torch.tensor([[value, 0.0], [value, 0.0]]))
        average.update_parameters(network)
    assert average.module.num_batches_tracked.item() == 2
    assert 1.0 < average.module.running_mean[0].item() < 2.0


def test_the_network_itself_is_untouched():
    network = nn.Linear(2, 2)
    before = network.weight.clone()
    average = averaged(network, 0.9)
    for _ in range(3):
        average.update_parameters(network)
    assert torch.equal(network.weight, before)
    assert average.module.weight is not network.weight
