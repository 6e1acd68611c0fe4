import torch

from polyclinic.models.normalisation import ImageNormalisation


def test_agrees_with_the_constants_published_for_0_to_255():
    image = torch.rand(2, 3, 4, 5)
    mean = torch.tensor([123.675, 116.28, 103.53]).view(3, 1, 1)
    std = torch.tensor([58.395, 57.12, 57.375]).view(3, 1, 1)
    torch.testing.assert_close(ImageNormalisation()(image), (255 * image - mean) / std)


def test_constants_stay_out_of_state_dicts_and_follow_the_device():
    normalise = ImageNormalisation()
    assert not normalise.state_dict()
    assert normalise.to("meta").mean.device.type == "meta"
