from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import save_file

from polyclinic.config import Config
from polyclinic.errors import RunError
from polyclinic.training import tensor_file
from polyclinic.training.run_directory import RunDirectory
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
    shown = json.loads((tmp_path / "x.json").read_text("utf-8"))
    assert said == description
    assert len(shown.pop("sha256")) == 64
    assert shown == description
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


def test_a_changed_byte_is_told(tmp_path):
    """The layout is whole, so that the format itself sees nothing."""
    file = tmp_path / "x.safetensors"
    write_tensors(file, {"w": torch.ones(100)}, {"step": 1})
    content = bytearray(file.read_bytes())
    content[-7] ^= 0x10
    file.write_bytes(content)
    with pytest.raises(RunError, match=r"x\.safetensors: is damaged.*checksum"):
        read_tensors(file)


def test_a_file_of_an_earlier_version_is_taken_as_it_is(tmp_path):
    file = tmp_path / "x.safetensors"
    save_file({"w": torch.ones(3)}, file, metadata={"description": '{"step": 1}'})
    tensors, said = read_tensors(file)
    assert tensors["w"].tolist() == [1, 1, 1]
    assert said == {"step": 1}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused_by_name(tmp_path, value):
    run = RunDirectory.start(tmp_path / "run", Config(), resume=False)
    tensors = {"head.weight": torch.tensor([1.0, value]), "head.bias": torch.zeros(2)}
    run.save_model(tensors, {})
    with pytest.raises(RunError, match=r"model\.safetensors: .*not finite.*head\.weight"):
        run.load_model()
    run.save_state(tensors, {})
    with pytest.raises(RunError, match=r"state\.safetensors: .*not finite"):
        run.load_state()
