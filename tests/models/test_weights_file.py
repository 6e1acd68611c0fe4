from argparse import Namespace

import pytest
import torch
from safetensors.torch import save_file

from polyclinic.errors import ConfigError
from polyclinic.models.weights_file import read_weights, shortened

STATE = {"a.weight": torch.ones(2, 3), "a.bias": torch.zeros(2)}


@pytest.mark.parametrize(
    "content", [STATE, {"model_state": STATE, "epoch": 3}, {"model": STATE}, {"state_dict": STATE}]
)
def test_tensors_are_found_in_every_public_wrapping(tmp_path, content):
    torch.save(content, tmp_path / "w.pth")
    read = read_weights(tmp_path / "w.pth")
    assert read.keys() == STATE.keys()
    assert all(torch.equal(read[name], STATE[name]) for name in STATE)


def test_safetensors_are_read(tmp_path):
    save_file(STATE, tmp_path / "w.safetensors")
    assert read_weights(tmp_path / "w.safetensors").keys() == STATE.keys()


def test_a_missing_file_says_that_nothing_is_fetched(tmp_path):
    with pytest.raises(ConfigError, match=r"no such weights file.*nothing is fetched"):
        read_weights(tmp_path / "absent.pth")


@pytest.mark.parametrize("content", [b"", b"hello world", b"PK\x03\x04 no archive"])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_bytes_that_are_no_weights_are_refused(tmp_path, content, suffix):
    path = tmp_path / f"w{suffix}"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="can't be read"):
        read_weights(path)


def test_objects_are_never_unpickled(tmp_path):
    torch.save({"model": STATE, "cfg": Namespace(lr=1)}, tmp_path / "w.pth")
    with pytest.raises(ConfigError, match="save its tensors alone"):
        read_weights(tmp_path / "w.pth")


@pytest.mark.parametrize("content", [{}, [1, 2], {"epoch": 3}])
def test_a_file_without_tensors_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(ConfigError, match="no named tensors"):
        read_weights(tmp_path / "w.pth")


def test_long_lists_are_shortened():
    assert shortened("dcba") == "a, b, c, d"
    assert shortened("gfedcba", most=2) == "a, b and 5 more"
