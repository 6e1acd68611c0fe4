"""Boxes at random, some of them nearly the same."""

import numpy as np


def rng_of(seed):
    return np.random.default_rng(seed)


def boxes_of(rng, number, reach=120):
    """(number, 4) float32; half of them lie on others, a little moved; some lie outside."""
    corner = rng.uniform(-reach / 4, reach, (number, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(1, reach / 2, (number, 2))], axis=1)
    if number:
        near = rng.random(number) < 0.5
        boxes[near] = boxes[rng.integers(0, number, near.sum())] + rng.normal(0, 2, (near.sum(), 4))
        boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 0.5)
    return boxes.astype(np.float32)
