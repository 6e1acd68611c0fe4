import copy

import pytest
import torch
from torch import nn

from polyclinic.models import build_encoder
from polyclinic.models.fuse_for_inference import fuse_for_inference
from polyclinic.models.hourglass import HourglassConfig

HOURGLASSES = {
    "hmp": HourglassConfig(width=8, depth=2),
    "plain": HourglassConfig(width=8, depth=2, inner="plain", kernel=3, upsampling="bilinear"),
}


def lived(network):
    """Statistics and weights of normalisation as training leaves them, not as they start."""
    generator = torch.Generator().manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for values in (module.weight, module.running_var):
                values.data.uniform_(0.5, 2, generator=generator)
            for values in (module.bias, module.running_mean):
                values.data.normal_(generator=generator)
    return network.eval()


@pytest.mark.parametrize("name", [*HOURGLASSES, "resnet18", "mobilenetv3_small_050"])
def test_answers_differ_by_rounding_alone(name):
    torch.manual_seed(0)
    network = lived(
        build_encoder("hourglass", hourglass=HOURGLASSES[name])
        if name in HOURGLASSES
        else build_encoder(name)
    )
    quick = copy.deepcopy(network)
    fuse_for_inference(quick)
    images = torch.rand(2, 3, 70, 93)
    with torch.no_grad():
        for found, wanted in zip(quick(images), network(images), strict=True):
            assert found.shape == wanted.shape
            assert (found - wanted).abs().max() <= 1e-5 * wanted.abs().max()


def test_an_hourglass_normalises_no_more():
    network = build_encoder("hourglass", hourglass=HOURGLASSES["hmp"])
    fuse_for_inference(network)
    assert not any(isinstance(one, nn.BatchNorm2d) for one in network.modules())
    assert not network.training


def test_what_does_more_than_normalise_is_kept():
    class Rectified(nn.BatchNorm2d):
        def forward(self, x):
            return super().forward(x).relu()

    path = nn.Sequential(nn.Conv2d(3, 4, 3), Rectified(4)).eval()
    images = torch.rand(1, 3, 9, 9)
    with torch.no_grad():
        wanted = path(images)
        fuse_for_inference(path)
        assert torch.allclose(path(images), wanted, atol=1e-6)
        assert path(images).min() == 0
