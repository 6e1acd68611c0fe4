import pytest
import timm
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from polyclinic.models.batch_norm import group_count, replace_batch_norm


@given(channels=st.integers(1, 2048))
def test_groups_divide_channels_and_hold_enough_of_them(channels):
    groups = group_count(channels)
    assert channels % groups == 0
    assert 1 <= groups <= 32
    assert groups == 1 or channels // groups >= 8


# A ResNet has plain batch norms, an EfficientNet batch norms that hold their activation.
@pytest.mark.parametrize("name", ["test_resnet", "test_efficientnet"])
@pytest.mark.parametrize("norm", ["group", "frozen"])
def test_no_image_depends_on_the_others_of_its_batch(name, norm):
    model = replace_batch_norm(timm.create_model(name, num_classes=0), norm).train()
    assert not any(isinstance(m, nn.BatchNorm2d) for m in model.modules())
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        alone = model(images[:1])
        torch.testing.assert_close(model(images)[:1], alone, rtol=1e-4, atol=1e-5)


def test_batch_norm_is_kept_where_asked_for():
    model = timm.create_model("test_resnet", num_classes=0)
    layers = [type(m) for m in model.modules()]
    assert [type(m) for m in replace_batch_norm(model, "batch").modules()] == layers


@pytest.mark.parametrize("name", ["test_resnet", "test_efficientnet"])
def test_group_norm_keeps_learned_scales_and_activations(name):
    model = timm.create_model(name, num_classes=0)
    before = {n: p.clone() for n, p in model.named_parameters()}
    activations = [type(m) for m in model.modules() if isinstance(m, nn.ReLU | nn.SiLU)]
    replaced = replace_batch_norm(model, "group")
    after = dict(replaced.named_parameters())
    assert before.keys() == after.keys()
    assert all(torch.equal(before[n], after[n]) for n in before)
    assert [type(m) for m in replaced.modules() if isinstance(m, nn.ReLU | nn.SiLU)] == activations


def test_frozen_norm_computes_what_batch_norm_does_when_evaluated():
    model = timm.create_model("test_efficientnet", num_classes=0)
    model(torch.rand(8, 3, 64, 64))  # moves the statistics away from 0 and 1
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        expected = model.eval()(images)
        found = replace_batch_norm(model, "frozen").train()(images)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_a_batch_norm_by_itself_is_replaced():
    assert isinstance(replace_batch_norm(nn.BatchNorm2d(16), "group"), nn.GroupNorm)
