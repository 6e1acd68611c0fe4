from __future__ import annotations

import pytest
import torch
from torch import nn

from polyclinic.errors import RunError
from polyclinic.training.config import TrainConfig
from polyclinic.training.keeper import averaged
from polyclinic.training.optimiser import build_optimiser
from polyclinic.training.state import capture, restore


def _parts(optimiser="adamw", layout=torch.channels_last):
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)).to(memory_format=layout)
    config = TrainConfig(optimiser=optimiser, lr=0.1)
    return module, build_optimiser(module, config), averaged(module, 0.5)


def _steps(parts, first, last):
    module, optimiser, average = parts
    for step in range(first, last):
        torch.manual_seed(step)
        optimiser.zero_grad()
        module(torch.rand(2, 3, 9, 9)).square().sum().backward()
        optimiser.step()
        average.update_parameters(module)


@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_restored_parts_go_on_bit_by_bit(optimiser, layout):
    whole, first, second = (_parts(optimiser, layout) for _ in range(3))
    _steps(whole, 0, 6)
    _steps(first, 0, 3)
    saved = {name: t.detach().clone().contiguous() for name, t in capture(*first).items()}
    restore(saved, *second)
    _steps(second, 3, 6)
    expected, found = capture(*whole), capture(*second)
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_parameters_without_a_step_have_no_state():
    module, optimiser, _ = _parts()
    saved = capture(module, optimiser, None)
    assert all(name.startswith("module/") for name in saved)


def test_the_state_of_another_network_is_refused():
    module, optimiser, _ = _parts()
    saved = capture(nn.Linear(2, 2), optimiser, None)
    with pytest.raises(RunError, match="another network"):
        restore(saved, module, optimiser, None)
