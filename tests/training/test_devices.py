from __future__ import annotations

import pytest

from polyclinic.errors import ConfigError
from polyclinic.training.config import TrainConfig
from polyclinic.training.devices import build_fabric


def test_more_gpus_than_there_are_is_said(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    with pytest.raises(ConfigError, match="at most 1"):
        build_fabric(TrainConfig(devices=2), "fp32")


def test_without_a_gpu_the_processor_trains():
    assert build_fabric(TrainConfig(), "fp32").device.type == "cpu"
