"""A plain peer of the landmarks recipe: MONAI's U-Net, a heat map a landmark, soft-argmax, L1.

It is given what the recipe is given: the same random views, batches, schedule, time, precision and
choice of weights on the validation part. What differs is the network, the temperature and the
loss, and that it has neither weight decay, a limit on gradients nor averaged weights.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from bench.landmark_errors import distances
from monai.networks.nets import UNet
from torch import Tensor, nn

from polyclinic.data import Cohort, Split
from polyclinic.metrics.figure import Values
from polyclinic.tasks import Batch, Encoded, Task, collate
from polyclinic.tasks.prepare import prepare_reading, prepare_training
from polyclinic.training.clock import Clock
from polyclinic.training.config import fabric_precision
from polyclinic.training.loader import batches
from polyclinic.training.optimiser import learning_rate
from polyclinic.training.order import Order
from polyclinic.training.workers import Room, batch_bytes, fitting_workers

CHANNELS = (16, 32, 64, 128, 256)
"""Somewhat more parameters than the small preset of the recipe; each level halves the map."""

STRIDE = 2 ** (len(CHANNELS) - 1)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is tuned: learning rate of Adam, and what logits are multiplied by before softmax."""

    rate: float = 1e-3
    beta: float = 1.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Lesson:
    """What there is to learn from, and how.

    Args:
        cohort: images and annotations.
        split: its training and validation parts are used.
        config: resolved settings of the recipe; `data` and `train` are used.
        tasks: the one task of the recipe that the targets come from.
    """

    cohort: Cohort
    split: Split
    config: Any
    tasks: list[Task]

    def __call__(self, index: int, key: int) -> Encoded:
        """A random view, as the recipe would make it."""
        return prepare_training(
            self.cohort.load(index),
            key,
            tasks=self.tasks,
            frame=self.config.data.frame,
            augment=self.config.data.augment,
            schema=self.cohort.landmark_schema,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Trained:
    """A network with its best weights, and what they took.

    Args:
        network: on the device that it was trained on.
        steps, seconds: of the training, validation included.
        best_px: mean error on the validation part, original pixels.
    """

    network: SoftArgmaxUNet
    steps: int
    seconds: float
    best_px: float


class SoftArgmaxUNet(nn.Module):
    """The expected place in one heat map a landmark.

    Args:
        landmarks: how many.
        beta: inverse temperature.
    """

    def __init__(self, landmarks: int, beta: float) -> None:
        super().__init__()
        strides = [2] * (len(CHANNELS) - 1)
        self.maps = UNet(2, 3, landmarks, CHANNELS, strides, num_res_units=2)
        self.beta = beta

    def forward(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) uint8 to (B, K, 2) x, y in pixels, centres at integers."""
        logits = self.maps(images.float() / 127.5 - 1).float()
        shares = (self.beta * logits).flatten(2).softmax(2).view_as(logits)
        x, y = (
            (shares.sum(other) * torch.arange(logits.shape[axis], device=logits.device)).sum(-1)
            for axis, other in ((3, 2), (2, 3))
        )
        return torch.stack([x, y], -1)


def train_unet(lesson: Lesson, choice: Choice, *, seconds: float, seed: int) -> Trained:
    """Train for so many seconds, or to the recipe's number of steps if that comes first."""
    torch.manual_seed(seed)
    config = lesson.config.train
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = SoftArgmaxUNet(len(lesson.cohort.landmark_schema or ()), choice.beta).to(device)
    optimiser = torch.optim.Adam(network.parameters())
    schedule = config.model_copy(update={"lr": choice.rate})
    clock, step = Clock(seconds), 0
    best, kept = float("inf"), network.state_dict()
    order = Order(lesson.split.train, config.batch_size, seed)
    size = batch_bytes(lesson, order, 0)
    stream = batches(
        lesson,
        order,
        first=0,
        last=config.steps,
        workers=fitting_workers(device.type, 1, Room.here(), size),
        name_of=str,
    )
    with closing(stream):
        for batch in stream:
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(schedule, step, clock.spent())
            _update(network, optimiser, batch.to(device))
            step += 1
            finished = step == config.steps or clock.spent() >= 1
            if finished or step % config.evaluate_every == 0:
                with clock.evaluation():
                    errors = unet_errors(network, lesson, lesson.split.val)
                    network.train()
                if (score := float(np.nanmean(errors))) < best:
                    best, kept = score, copy.deepcopy(network.state_dict())
            if finished:
                break
    network.load_state_dict(kept)
    return Trained(network=network, steps=step, seconds=clock.elapsed, best_px=best)


def _update(network: SoftArgmaxUNet, optimiser: torch.optim.Optimizer, batch: Batch) -> None:
    """One step: mean absolute error of labelled coordinates, as a share of the frame."""
    targets = next(iter(batch.targets.values()))
    wanted, labelled = (
        torch.stack([target[key] for target in targets]) for key in ("points", "labelled")
    )
    if not labelled.any():
        return
    found = _look(network, batch)
    loss = (found - wanted)[labelled].abs().mean() / max(batch.images.shape[2:])
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


def _look(network: SoftArgmaxUNet, batch: Batch) -> Tensor:
    device = batch.images.device.type
    half = fabric_precision("auto", device) == "bf16-mixed"
    with torch.autocast(device, torch.bfloat16, enabled=half):
        return network(batch.images)


@torch.no_grad()
def unet_errors(network: SoftArgmaxUNet, lesson: Lesson, indices: Sequence[int]) -> Values:
    """(N, K) distances in original pixels; NaN where not labelled."""
    network.eval()
    device = next(network.parameters()).device
    errors = []
    for index in indices:
        sample = lesson.cohort.load(index)
        encoded, to_network = prepare_reading(sample, lesson.config.data.frame)
        batch = collate([encoded], multiple=STRIDE).to(device)
        points = network(batch.images)[0].double().cpu().numpy()
        errors.append(distances(to_network.inverse().points(points), sample))
    return np.array(errors)
