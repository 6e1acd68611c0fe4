import numpy as np
import torch

from polyclinic.tasks import Encoded, collate, image_tensor


def encoded(height, width, key):
    rng = np.random.default_rng(key)
    pixels = rng.integers(1, 255, (height, width, 3), dtype=np.uint8)
    targets = {"one": {"value": torch.tensor(key)}, "two": {"boxes": torch.ones(key, 4)}}
    return Encoded(image=image_tensor(pixels), targets=targets, key=key, name=f"image {key}")


def test_images_lie_at_the_top_left_and_the_rest_is_zero():
    samples = [encoded(40, 70, 1), encoded(64, 33, 2)]
    batch = collate(samples)
    assert batch.images.shape == (2, 3, 64, 96)
    assert batch.sizes == ((40, 70), (64, 33))
    for row, sample in enumerate(samples):
        height, width = batch.sizes[row]
        assert torch.equal(batch.images[row, :, :height, :width], sample.image)
        assert int(batch.images[row].count_nonzero()) == int(sample.image.count_nonzero())


def test_rows_stay_in_step():
    batch = collate([encoded(32, 32, key) for key in (3, 1, 2)])
    assert batch.keys == (3, 1, 2)
    assert batch.names == ("image 3", "image 1", "image 2")
    assert [int(target["value"]) for target in batch.targets["one"]] == [3, 1, 2]
    assert [len(target["boxes"]) for target in batch.targets["two"]] == [3, 1, 2]


def test_pixels_keep_their_place_and_colour():
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    tensor = image_tensor(pixels)
    assert tensor.shape == (3, 2, 4)
    assert tensor[2, 1, 3] == pixels[1, 3, 2]


def test_a_batch_moves_with_everything_in_it():
    batch = collate([encoded(32, 32, 1)]).to(torch.device("meta"))
    assert batch.images.device.type == "meta"
    assert batch.targets["two"][0]["boxes"].device.type == "meta"
