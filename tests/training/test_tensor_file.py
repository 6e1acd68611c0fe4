from __future__ import annotations

import json

import pytest
import torch

from polyclinic.errors import RunError
from polyclinic.training import tensor_file
from polyclinic.training.tensor_file import read_tensors, write_tensors


def test_tensors_and_description_come_back(tmp_path):
    shared = torch.arange(6.0).reshape(2, 3)
    tensors = {
        "a": shared,
        "same": shared,
        "turned": shared.T,
        "half": shared.bfloat16(),
        "scalar": torch.tensor(3),
        "none": torch.zeros(0, 4),
    }
    description = {"step": 4, "score": 0.1 + 0.2, "names": ["ä"]}
    write_tensors(tmp_path / "x.safetensors", tensors, description)
    back, said = read_tensors(tmp_path / "x.safetensors")
    assert said == description == json.loads((tmp_path / "x.json").read_text("utf-8"))
    assert back.keys() == tensors.keys()
    assert all(torch.equal(back[k], tensors[k]) and back[k].dtype == tensors[k].dtype for k in back)


def test_dying_between_the_two_files_mixes_nothing(tmp_path, monkeypatch):
    file = tmp_path / "state.safetensors"
    write_tensors(file, {"w": torch.zeros(1)}, {"step": 1})

    def die(path, text):
        raise KeyboardInterrupt

    monkeypatch.setattr(tensor_file, "write_text", die)
    with pytest.raises(KeyboardInterrupt):
        write_tensors(file, {"w": torch.ones(1)}, {"step": 2})
    tensors, said = read_tensors(file)
    assert (tensors["w"].item(), said["step"]) == (1.0, 2)


def test_damaged_and_missing_files_are_told(tmp_path):
    file = tmp_path / "x.safetensors"
    with pytest.raises(RunError, match="is missing"):
        read_tensors(file)
    write_tensors(file, {"w": torch.zeros(100)}, {})
    file.write_bytes(file.read_bytes()[:-50])
    with pytest.raises(RunError, match="can't be read"):
        read_tensors(file)
