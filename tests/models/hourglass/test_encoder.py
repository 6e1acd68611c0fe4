import pytest
import torch

from polyclinic.errors import ConfigError
from polyclinic.models import build_encoder, build_pyramid
from polyclinic.models.hourglass import HourglassConfig

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
