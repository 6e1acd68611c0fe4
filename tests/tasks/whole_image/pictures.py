"""Pictures with whole-image labels, and networks that learn and read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from polyclinic.geometry import Homography
from polyclinic.metrics.case import Case
from polyclinic.sample import Sample
from polyclinic.tasks import Network, ReadingBuilder
from tests.tasks.networks import batch_of


def picture(seed: int, colour: tuple[int, int, int], share: float = 0.6, **labels: Any) -> Sample:
    """A noisy grey image, a share of it in a colour."""
    rng = np.random.default_rng(seed)
    image = np.full((64, 96, 3), 120.0)
    image[:, : int(96 * share)] = colour
    noisy = np.clip(image + rng.normal(0, 20, image.shape), 0, 255).astype(np.uint8)
    return Sample(image_id=seed, size=(64, 96), image=noisy, labels=labels)


def without_labels(sample: Sample) -> Sample:
    """Nobody looked at this image."""
    return replace(sample, labels={})


def learn(network: Network, samples: Sequence[Sample], steps: int = 40) -> None:
    """Train all tasks on a few images."""
    network.train()
    batch = batch_of(network, samples)
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3)
    for _ in range(steps):
        means = [loss.total / loss.count for loss in network(batch).values()]
        optimiser.zero_grad()
        sum(means).backward()
        optimiser.step()


def read(network: Network, samples: Sequence[Sample]) -> list[Case]:
    """Samples beside their readings, through the whole of predict and decode."""
    network.eval()
    cases = []
    for sample, found in zip(samples, network.predict(batch_of(network, samples)), strict=True):
        draft = ReadingBuilder(sample, Homography.identity())
        for task in network.task_list:
            task.decode(found[task.name], draft)
        cases.append((sample, draft.finish((), None, {}, accept=0.5)))
    return cases
