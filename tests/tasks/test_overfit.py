"""Joint training of boxes, masks and landmarks on two images has to reach them.

Each kind alone trains in most libraries and the sum does not (pytorch issue 48927); a network
that can't learn two images by heart has a fault in its targets, its geometry or its losses.
"""

import numpy as np
import pytest
import torch

from polyclinic.geometry import Homography
from polyclinic.tasks import ReadingBuilder
from tests.tasks.networks import INSTANCES, LANDMARKS, MASKS, batch_of, build, painted_facts
from tests.tasks.painting import CLASSES, SCHEMA, paint_sample
from tests.tasks.toy import CrowdedConfig

STEPS = 150


@pytest.mark.slow
def test_two_images_are_learned_by_heart():
    samples = [paint_sample(seed, loops=2 + seed) for seed in (0, 1)]
    configs = (INSTANCES, MASKS, LANDMARKS, CrowdedConfig())
    network = build(configs, painted_facts(samples)).train()
    batch = batch_of(network, samples)
    optimiser = torch.optim.AdamW(network.parameters(), 2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=STEPS)
    history = []
    for _ in range(STEPS):
        means = {name: loss.total / loss.count for name, loss in network(batch).items()}
        optimiser.zero_grad()
        sum(means.values()).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        history.append({name: float(mean.detach()) for name, mean in means.items()})
    # The box loss begins at nothing, when no region but the annotated ones lies on an object.
    for name in history[0].keys() - {"box"}:
        assert history[-1][name] < 0.5 * history[0][name], name
    network.eval()
    for sample, found in zip(samples, network.predict(batch), strict=True):
        draft = ReadingBuilder(sample, Homography.identity())
        for task in network.task_list:
            task.decode(found[task.name], draft)
        reading = draft.finish(CLASSES, SCHEMA, {}, accept=0.5)
        _agrees(sample, reading)


def _agrees(sample, reading):
    assert len(reading.instances) == len(sample.instances)
    likelier = max(reading.findings["crowded"], key=reading.findings["crowded"].get)
    assert likelier == ("yes" if sample.labels["crowded"] else "no")
    for true in sample.instances:
        found = max(reading.instances, key=lambda one: one.mask.iou(true.mask))
        assert found.category == true.category
        assert found.mask.iou(true.mask) > 0.7
        assert np.abs(found.box - true.box).max() < 4
        distance = np.linalg.norm(found.landmarks[:, :2] - true.landmarks[:, :2], axis=1)
        assert distance.max() < 2.5
