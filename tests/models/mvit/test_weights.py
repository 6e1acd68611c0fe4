import re
from types import SimpleNamespace

import pytest
import timm
import torch
from safetensors.torch import save_file
from timm.models.mvitv2 import checkpoint_filter_fn

from polyclinic.errors import ConfigError
from polyclinic.models.mvit import MViT, MViTConfig
from polyclinic.models.mvit.weights import load_mvit_weights
from tests.models.mvit.networks import SMALL, randomise

# First block of each stage of MViTv2-T.
FIRST = (0, 1, 3, 8)


@pytest.fixture(scope="module")
def timm_state() -> dict[str, torch.Tensor]:
    model = timm.create_model("mvitv2_tiny", pretrained=False)
    randomise(model)
    return model.state_dict()


@pytest.fixture(scope="module")
def mvit_state(timm_state) -> dict[str, torch.Tensor]:
    """The same weights under the names of facebookresearch/mvit."""
    state = {}
    for name, tensor in timm_state.items():
        flat = re.sub(
            r"stages\.(\d)\.blocks\.(\d)", lambda m: f"blocks.{FIRST[int(m[1])] + int(m[2])}", name
        )
        flat = flat.replace("shortcut_proj_attn", "proj").replace("head.fc", "head.projection")
        state[flat] = tensor
    return state


@pytest.fixture
def tiny() -> MViT:
    return MViT(MViTConfig.tiny())


def _loaded(tmp_path, content, network):
    torch.save(content, tmp_path / "weights.pyth")
    return load_mvit_weights(network, tmp_path / "weights.pyth")


def test_names_of_mvit_are_those_that_timm_expects(mvit_state, timm_state):
    model = SimpleNamespace(depths=(1, 2, 5, 2), expand_attn=True)
    assert checkpoint_filter_fn(mvit_state, model).keys() == timm_state.keys()


def test_timm_weights_load(tmp_path, timm_state, tiny):
    save_file(timm_state, tmp_path / "timm.safetensors")
    loaded = load_mvit_weights(tiny, tmp_path / "timm.safetensors")
    assert loaded.layout == "timm"
    assert set(loaded.ignored) == {"head.fc.weight", "head.fc.bias", "norm.weight", "norm.bias"}
    assert set(loaded.fresh) == {f"norms.{i}.{p}" for i in range(4) for p in ("weight", "bias")}
    block = tiny.blocks[4].attention
    assert torch.equal(block.rows.table, timm_state["stages.2.blocks.1.attn.rel_pos_h"])
    assert torch.equal(block.columns.table, timm_state["stages.2.blocks.1.attn.rel_pos_w"])


def test_weights_of_mvit_load_the_same(tmp_path, timm_state, mvit_state, tiny):
    save_file(timm_state, tmp_path / "timm.safetensors")
    load_mvit_weights(tiny, tmp_path / "timm.safetensors")
    again = MViT(MViTConfig.tiny())
    loaded = _loaded(tmp_path, {"epoch": 299, "model_state": mvit_state, "cfg": "a: 1"}, again)
    assert loaded.layout == "mvit"
    assert "head.projection.weight" in loaded.ignored
    for name, tensor in tiny.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name


def test_weights_of_a_detectron2_detector_load_with_the_norms_of_its_maps(
    tmp_path, mvit_state, tiny
):
    state = {
        f"backbone.bottom_up.{name}": tensor
        for name, tensor in mvit_state.items()
        if not name.startswith(("head.", "norm."))
    }
    for level, width in enumerate(tiny.channels):
        norm = f"backbone.bottom_up.scale{level + 2}_norm"
        state[f"{norm}.weight"] = torch.full((width,), level + 2.0)
        state[f"{norm}.bias"] = torch.zeros(width)
    state["backbone.fpn_lateral2.weight"] = torch.zeros(256, 96, 1, 1)
    state["roi_heads.box_head.fc1.weight"] = torch.zeros(1024, 4)
    loaded = _loaded(tmp_path, {"model": state, "iteration": 10000}, tiny)
    assert loaded.layout == "detectron2"
    assert loaded.fresh == ()
    assert set(loaded.ignored) == {
        "backbone.fpn_lateral2.weight",
        "roi_heads.box_head.fc1.weight",
    }
    assert [norm.weight[0].item() for norm in tiny.norms] == [2, 3, 4, 5]


def test_our_own_weights_come_back(tmp_path):
    first, second = MViT(SMALL), MViT(SMALL)
    randomise(first)
    save_file(first.state_dict(), tmp_path / "ours.safetensors")
    loaded = load_mvit_weights(second, tmp_path / "ours.safetensors")
    assert (loaded.layout, loaded.ignored, loaded.fresh) == ("polyclinic", (), ())
    for name, tensor in first.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name]), name


def test_tables_of_another_length_are_kept_and_used(tmp_path):
    large, usual = MViT(SMALL.model_copy(update={"table_image": 448})), MViT(SMALL)
    randomise(large)
    save_file(large.state_dict(), tmp_path / "large.safetensors")
    load_mvit_weights(usual, tmp_path / "large.safetensors")
    assert usual.blocks[0].attention.rows.table.shape[0] == 223
    images = torch.rand(1, 3, 64, 96)
    with torch.no_grad():
        for found, expected in zip(usual.eval()(images), large.eval()(images), strict=True):
            assert torch.equal(found, expected)


def test_what_does_not_fit_is_listed(tmp_path, mvit_state, tiny):
    state = dict(mvit_state)
    del state["blocks.4.mlp.fc1.weight"]
    state["cls_token"] = torch.zeros(1, 1, 96)
    state["blocks.0.attn.qkv.bias"] = torch.zeros(7)
    before = {name: tensor.clone() for name, tensor in tiny.state_dict().items()}
    with pytest.raises(ConfigError) as caught:
        _loaded(tmp_path, {"model_state": state}, tiny)
    message = str(caught.value)
    assert "missing: blocks.4.mlp.0.weight" in message
    assert "unexpected: cls_token" in message
    assert "of another shape: blocks.0.attention.qkv.bias" in message
    for name, tensor in tiny.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_another_depth_is_refused(tmp_path, timm_state):
    save_file(timm_state, tmp_path / "timm.safetensors")
    deeper = MViT(SMALL.model_copy(update={"depths": (1, 2, 6, 2)}))
    with pytest.raises(ConfigError, match="do not fit"):
        load_mvit_weights(deeper, tmp_path / "timm.safetensors")


def test_weights_of_another_model_are_refused(tmp_path, tiny):
    with pytest.raises(ConfigError, match="no MViTv2 weights of a known layout"):
        _loaded(tmp_path, {"conv1.weight": torch.zeros(3)}, tiny)
