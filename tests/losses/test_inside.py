import torch

from polyclinic.losses import inside_images


def test_the_top_left_part_belongs_to_the_image():
    inside = inside_images([(2, 3), (0, 4), (4, 5)], (4, 5))
    assert inside.dtype == torch.bool
    expected = torch.zeros(3, 4, 5, dtype=torch.bool)
    expected[0, :2, :3] = True
    expected[2] = True
    assert torch.equal(inside, expected)


def test_no_images_have_no_inside():
    assert inside_images([], (4, 5)).shape == (0, 4, 5)
