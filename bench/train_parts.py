"""What bounds a training step: its multiplications over the machine's rate, and cropping alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode
from torchvision.ops import roi_align

from polyclinic.models.region_pool import crop_regions
from polyclinic.training.objective import Sealed
from train_sides import PLAIN, Bench

REPEATS = 5
CONVOLUTION = (2, 256, 96, 128)
"""Images, channels in and out, rows, columns of the 3 x 3 convolution that gives the rate."""

CROPS = {"boxes": (256, 7), "masks": (64, 14)}
"""Regions of 256 channels and their cells, as many as `paper` looks at in one image."""

SCALE = 0.25


def rates() -> dict[str, float]:
    """GFLOP/s of a convolution, forward and backward, on all threads; the best of some tries."""
    images, channels, height, width = CONVOLUTION
    work = 3 * 2 * images * channels**2 * 9 * height * width / 1e9
    found = {}
    for dtype in (torch.float32, torch.bfloat16):
        layer = torch.nn.Conv2d(channels, channels, 3, padding=1, dtype=dtype)
        layer.to(memory_format=torch.channels_last)
        maps = torch.randn(CONVOLUTION, dtype=dtype).to(memory_format=torch.channels_last)
        maps.requires_grad_()

        def both(layer: torch.nn.Module = layer, maps: Tensor = maps) -> None:
            result = layer(maps)
            result.backward(torch.ones_like(result))

        found[str(dtype).removeprefix("torch.")] = round(work / min(_seconds(both)), 1)
    return found


def floating_point_work(bench: Bench, seed: int) -> float:
    """GFLOP of one training step, forward and backward, an image."""
    objective = bench.objective(seed).train()
    with bench.batches(PLAIN, seed, 0, 1) as batches:
        batch = next(batches)
    counter = FlopCounterMode(display=False)
    with counter:
        objective(Sealed(batch)).objective.backward()
    return round(counter.get_total_flops() / 1e9 / bench.batch_size, 1)


def cropping() -> dict[str, Any]:
    """Milliseconds of RoIAlign, forward and backward together: torchvision's and ours."""
    torch.manual_seed(0)
    maps = torch.randn(1, 256, 192, 256).to(memory_format=torch.channels_last)
    found: dict[str, Any] = {}
    for name, (number, cells) in CROPS.items():
        corner = torch.rand(number, 2) * torch.tensor([900.0, 650.0])
        boxes = torch.cat([corner, corner + 20 + 80 * torch.rand(number, 2)], 1)
        rows = torch.cat([torch.zeros(number, 1), boxes], 1)
        found[name] = {
            "regions": number,
            "cells": cells,
            "torchvision_ms": _milliseconds(lambda m, r=rows, c=cells: _theirs(m, r, c), maps),
            "ours_ms": _milliseconds(lambda m, r=rows, c=cells: _ours(m, r, c), maps),
        }
    return found


def _theirs(maps: Tensor, rows: Tensor, cells: int) -> Tensor:
    crops: Tensor = roi_align(maps, rows, cells, SCALE, 2, aligned=True)
    return crops


def _ours(maps: Tensor, rows: Tensor, cells: int) -> Tensor:
    return crop_regions(maps, rows, cells, scale=SCALE, samples=2)


def _milliseconds(crop: Callable[[Tensor], Tensor], maps: Tensor) -> float:
    own = maps.clone().requires_grad_()

    def both() -> None:
        own.grad = None
        crops = crop(own)
        crops.backward(torch.ones_like(crops))

    return round(1e3 * median(_seconds(both)), 1)


def _seconds(work: Callable[[], None]) -> list[float]:
    work()
    found = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return found
