import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor

from polyclinic.errors import ConfigError
from polyclinic.models import FeaturePyramid, build_encoder
from polyclinic.models.mvit import MViT
from polyclinic.models.timm_encoder import TimmEncoder


def _millions(network: nn.Module) -> float:
    return sum(p.numel() for p in network.parameters()) / 1e6


def test_names_choose_the_encoder():
    assert isinstance(build_encoder("mvitv2_tiny"), MViT)
    assert isinstance(build_encoder("test_resnet", norm="group"), TimmEncoder)


def test_weights_reach_mvit(tmp_path):
    state = timm.create_model("mvitv2_tiny").state_dict()
    save_file(state, tmp_path / "w.safetensors")
    encoder = build_encoder("mvitv2_tiny", weights=tmp_path / "w.safetensors")
    assert torch.equal(encoder.get_parameter("patches.weight"), state["patch_embed.proj.weight"])


def test_a_level_at_stride_2_is_for_models_that_have_one():
    assert build_encoder("test_resnet", finest="p1").strides == (2, 4, 8, 16, 32)
    with pytest.raises(ConfigError, match="no map at stride 2"):
        build_encoder("mvitv2_tiny", finest="p1")


def test_only_mvit_is_recomputed():
    assert build_encoder("mvitv2_tiny", checkpoint=True).config.checkpoint
    with pytest.raises(ConfigError, match="checkpointing with 'mvitv2_tiny' only"):
        build_encoder("test_resnet", checkpoint=True)


def test_maps_of_an_image_of_the_published_size():
    encoder = build_encoder("mvitv2_tiny").eval()
    pyramid = FeaturePyramid(encoder.channels)
    with torch.no_grad():
        maps = encoder(torch.rand(1, 3, 768, 1024))
        levels = pyramid(maps)
    assert [tuple(m.shape[1:]) for m in maps] == [
        (96, 192, 256),
        (192, 96, 128),
        (384, 48, 64),
        (768, 24, 32),
    ]
    assert {name: tuple(m.shape[1:]) for name, m in levels.items()} == {
        "p2": (256, 192, 256),
        "p3": (256, 96, 128),
        "p4": (256, 48, 64),
        "p5": (256, 24, 32),
        "p6": (256, 12, 16),
    }


def test_mask_rcnn_on_it_has_the_published_44_million_parameters():
    encoder = build_encoder("mvitv2_tiny")
    pyramid = FeaturePyramid(encoder.channels)
    assert _millions(encoder) == pytest.approx(23.41, abs=0.01)
    assert _millions(pyramid) == pytest.approx(2.73, abs=0.01)

    backbone = nn.Sequential(encoder, pyramid)
    backbone.out_channels = pyramid.channels
    detector = MaskRCNN(
        backbone,
        num_classes=None,
        box_predictor=nn.Sequential(nn.Linear(1024, 81), nn.Linear(1024, 80 * 4)),
        mask_head=MaskRCNNHeads(256, (256,) * 4, 1),
        mask_predictor=MaskRCNNPredictor(256, 256, 80),
    )
    assert _millions(detector) == pytest.approx(44, abs=1)
