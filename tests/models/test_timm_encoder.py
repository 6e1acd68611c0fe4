import pytest
import timm
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from polyclinic.errors import ConfigError
from polyclinic.models.timm_encoder import TimmEncoder
from tests.models.mvit.networks import randomise


@pytest.fixture(scope="module")
def resnet() -> TimmEncoder:
    return TimmEncoder("test_resnet").eval()


# A hook-free ResNet, a patchifying stem that drops odd rows, a network that fails on odd sizes,
# a transformer, and one that timm wraps by its own feature class.
@pytest.mark.parametrize(
    "name", ["resnet10t", "convnext_atto", "dla34", "pvt_v2_b0", "mobilenetv4_conv_small"]
)
def test_models_of_every_family_give_ceil_sizes(name):
    encoder = TimmEncoder(name).eval()
    with torch.no_grad():
        maps = encoder(torch.rand(1, 3, 101, 67))
    assert encoder.strides == (4, 8, 16, 32)
    assert [tuple(m.shape) for m in maps] == [
        (1, channels, *size)
        for channels, size in zip(
            encoder.channels, [(26, 17), (13, 9), (7, 5), (4, 3)], strict=True
        )
    ]


@settings(max_examples=15, deadline=None)
@given(height=st.integers(1, 130), width=st.integers(1, 130))
def test_any_size_works(resnet, height, width):
    with torch.no_grad():
        maps = resnet(torch.rand(1, 3, height, width))
    assert [tuple(m.shape[-2:]) for m in maps] == [
        (-(-height // stride), -(-width // stride)) for stride in (4, 8, 16, 32)
    ]


def test_whole_cells_give_what_timm_gives(resnet):
    images = torch.rand(2, 3, 64, 96)
    with torch.no_grad():
        expected = resnet.features(resnet.normalise(images))
        for found, theirs in zip(resnet(images), expected, strict=True):
            assert torch.equal(found, theirs)


def test_a_batch_is_read_as_its_images_one_by_one(resnet):
    images = torch.rand(3, 3, 61, 83)
    with torch.no_grad():
        together = resnet(images)
        for index, image in enumerate(images):
            for found, alone in zip(together, resnet(image[None]), strict=True):
                torch.testing.assert_close(found[index], alone[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("norm", ["batch", "group"])
def test_gradients_reach_every_parameter(norm):
    encoder = TimmEncoder("test_resnet", norm=norm)
    randomise(encoder)
    sum(m.square().sum() for m in encoder(torch.rand(2, 3, 64, 64))).backward()
    assert all(p.grad is not None and p.grad.any() for p in encoder.parameters())


def test_images_are_normalised_as_the_weights_expect():
    encoder = TimmEncoder("test_resnet")
    published = timm.get_pretrained_cfg("test_resnet")
    assert encoder.normalise.mean.flatten().tolist() == pytest.approx(published.mean)
    assert encoder.normalise.std.flatten().tolist() == pytest.approx(published.std)


# Names joined by underscores, names as they are, names under a prefix.
@pytest.mark.parametrize("name", ["convnext_atto", "test_resnet", "mvitv2_tiny"])
def test_weights_of_the_whole_model_load(tmp_path, name):
    whole = timm.create_model(name).eval()
    randomise(whole)
    save_file(whole.state_dict(), tmp_path / "w.safetensors")
    encoder = TimmEncoder(name, weights=tmp_path / "w.safetensors").eval()
    images = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        last = encoder(images)[-1]
        expected = whole.forward_intermediates(
            encoder.normalise(images), indices=1, intermediates_only=True
        )[-1]
    torch.testing.assert_close(last, expected, rtol=1e-4, atol=1e-4)


def test_weights_of_another_model_are_refused(tmp_path):
    save_file(timm.create_model("test_efficientnet").state_dict(), tmp_path / "w.safetensors")
    with pytest.raises(ConfigError, match=r"weights do not fit: missing: .* more"):
        TimmEncoder("test_resnet", weights=tmp_path / "w.safetensors")


def test_a_mistyped_name_gets_its_neighbours():
    with pytest.raises(ConfigError, match=r"did you mean .*resnet18"):
        TimmEncoder("resnet_18")


def test_names_that_would_be_fetched_are_unknown():
    with pytest.raises(ConfigError, match="timm has no model"):
        TimmEncoder("hf-hub:someone/model")


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "levit_128s"])
def test_models_without_the_four_scales_are_refused(name):
    with pytest.raises(ConfigError, match=r"have strides \[16, .*resnet18"):
        TimmEncoder(name)


def test_a_finer_map_can_be_had_where_the_model_makes_one():
    encoder = TimmEncoder("test_resnet", strides=(2, 4, 8, 16, 32))
    maps = encoder(torch.rand(1, 3, 33, 64))
    assert [tuple(m.shape[-2:]) for m in maps] == [(17, 32), (9, 16), (5, 8), (3, 4), (2, 2)]
    with pytest.raises(ConfigError, match=r"strides \[4, 8, 16, 32\]; expected strides 2, 4"):
        TimmEncoder("convnext_atto", strides=(2, 4, 8, 16, 32))


def test_models_of_one_image_size_are_refused():
    with pytest.raises(ConfigError, match="can't read images of any size"):
        TimmEncoder("swin_tiny_patch4_window7_224")


def test_frozen_norms_need_weights():
    with pytest.raises(ConfigError, match="needs the statistics of pretrained weights"):
        TimmEncoder("test_resnet", norm="frozen")
