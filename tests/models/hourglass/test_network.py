import pytest
import torch

from polyclinic.errors import ConfigError
from polyclinic.models import build_encoder, build_pyramid
from polyclinic.models.hourglass import Hourglass, HourglassConfig, OutputBlock
from polyclinic.models.hourglass.network import HmpBlock, PlainBlock

RELEASED = {"depth": 4, "kernel": 3, "upsampling": "bilinear", "inner": "plain"}


@pytest.mark.parametrize(
    ("settings", "parameters"),
    [
        ({"depth": 4, "kernel": 3}, 4_252_432),
        ({"depth": 4, "kernel": 1}, 3_026_704),
        ({"depth": 6, "kernel": 3}, 5_907_280),
        ({"depth": 6, "kernel": 1}, 4_386_640),
        (RELEASED, 6_266_992),
    ],
)
def test_parameters_of_the_network_for_16_landmarks(settings, parameters):
    config = HourglassConfig(**settings)
    parts = Hourglass(config), OutputBlock("p2", 192, 16, kernel=config.kernel, dropout=0.25)
    assert sum(p.numel() for part in parts for p in part.parameters()) == parameters


@pytest.mark.parametrize("upsampling", ["nearest", "bilinear"])
@pytest.mark.parametrize("block", ["hmp", "plain"])
def test_450_pixels_become_112_cells(block, upsampling):
    config = HourglassConfig(width=4, depth=4, block=block, inner=block, upsampling=upsampling)
    network = Hourglass(config).eval()
    with torch.no_grad():
        assert network(torch.rand(1, 3, 450, 450)).shape == (1, 32, 112, 112)


def test_a_depth_needs_as_many_cells_as_it_halves():
    network = Hourglass(HourglassConfig(width=4, depth=5)).eval()
    with torch.no_grad():
        assert network(torch.rand(1, 3, 128, 130)).shape[2:] == (32, 32)
        with pytest.raises(ConfigError, match=r"31 x 32 cells.*at least 32 cells"):
            network(torch.rand(1, 3, 124, 128))


@pytest.mark.parametrize("block", [HmpBlock, PlainBlock])
def test_blocks_add_what_came_in(block):
    """With all scales of normalisation at 0 a block is its skip."""
    same = block(8, 8, 1).eval()
    for module in same.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.zeros_(module.weight)
    x = torch.randn(1, 8, 5, 6)
    torch.testing.assert_close(same(x), x)
    assert block(8, 12, 3)(x).shape == (1, 12, 5, 6)


def test_every_weight_is_trained():
    network = Hourglass(HourglassConfig(width=4, depth=3))
    network(torch.rand(2, 3, 64, 64)).square().sum().backward()
    assert all(p.grad is not None for p in network.parameters())


SMALL = HourglassConfig(width=4, depth=4)


@pytest.mark.parametrize(("height", "width"), [(450, 450), (96, 128), (30, 131), (7, 64)])
def test_it_keeps_the_contract_of_encoders(height, width):
    encoder = build_encoder("hourglass", hourglass=SMALL).eval()
    with torch.no_grad():
        [found] = encoder(torch.rand(2, 3, height, width))
    assert encoder.strides == (4,)
    assert found.shape == (2, *encoder.channels, -(-height // 4), -(-width // 4))


def test_its_map_is_the_only_level_unchanged():
    encoder = build_encoder("hourglass", hourglass=SMALL)
    pyramid = build_pyramid(encoder, 256)
    maps = [torch.rand(1, 32, 5, 6)]
    assert pyramid.channels == 32
    assert pyramid.strides == {"p2": 4}
    assert dict(pyramid(maps)) == {"p2": maps[0]}


def test_group_normalisation_replaces_that_of_the_batch():
    encoder = build_encoder("hourglass", hourglass=SMALL, norm="group")
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in encoder.modules())


@pytest.mark.parametrize("asked", [{"norm": "frozen"}, {"finest": "p1"}, {"checkpoint": True}])
def test_what_it_has_not_is_refused(asked):
    with pytest.raises(ConfigError):
        build_encoder("hourglass", **asked)


def test_weights_of_its_own_are_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"model\.weights"):
        build_encoder("hourglass", weights=tmp_path / "w.safetensors")
