from dataclasses import replace

import numpy as np
import pytest
import torch

from polyclinic.geometry import Homography
from polyclinic.losses.images import charbonnier, structural_loss
from polyclinic.sample import Sample
from polyclinic.tasks import ReadingBuilder
from polyclinic.tasks.edge import Edge
from polyclinic.tasks.restore import GateConfig, RestoreConfig
from tests.tasks.conformance import SAMPLES
from tests.tasks.networks import QUALITY, RESTORE, batch_of, build, painted_facts

FACTS = painted_facts(SAMPLES)
GATED = (Edge(source="quality", target="restore", detach=True),)
SMALL = Sample(
    image_id=9,
    size=(40, 52),
    image=SAMPLES[0].pixels[:40, :52],
    sharp=SAMPLES[0].sharp[:40, :52],
)


def restored(network, samples):
    """(B, 3, H, W) as the network gives them to others, padding included."""
    batch = batch_of(network, samples)
    scene = network.look(batch)
    for task in network.task_list:
        network.feed(task, scene)
        scene.outlook(task)
    return scene, scene.outlook(network.tasks["restore"])


def test_the_loss_is_that_of_each_image_with_a_partner_without_its_padding():
    network = build((RestoreConfig(width=8, structure=0.3, weight=2.0),), FACTS).eval()
    samples = [SAMPLES[0], replace(SAMPLES[1], sharp=None), SMALL]
    loss = network(batch_of(network, samples))["restore"]
    _, outlook = restored(network, samples)
    expected = 0.0
    for row, sample in ((0, samples[0]), (2, samples[2])):
        height, width = sample.size
        found = outlook.prediction[row : row + 1, :, :height, :width]
        sharp = torch.from_numpy(sample.sharp.transpose(2, 0, 1) / np.float32(255))[None]
        expected += 2 * (charbonnier(found, sharp) + 0.3 * structural_loss(found, sharp))
    assert loss.count == 2
    torch.testing.assert_close(loss.total, expected[0], rtol=1e-4, atol=1e-5)


def test_the_gate_opens_with_the_badness():
    gate = GateConfig(steepness=8, threshold=0.15)
    gated = RestoreConfig(width=8, gate=gate)
    network = build((QUALITY, gated), FACTS, edges=GATED).eval()
    free = build((QUALITY, gated.model_copy(update={"gate": None})), FACTS, edges=GATED).eval()
    free.load_state_dict(network.state_dict())
    scene, ours = restored(network, SAMPLES)
    _, theirs = restored(free, SAMPLES)
    badness = scene.fed["restore"][0].vector[:, 0]
    opened = torch.sigmoid(8 * (badness - 0.15))[:, None, None, None]
    torch.testing.assert_close(ours.own["change"], opened * theirs.own["change"])
    torch.testing.assert_close(ours.prediction, scene.images + ours.own["change"])


def test_without_an_edge_there_is_no_gate():
    network = build((RESTORE,), FACTS).eval()
    free = build((RESTORE.model_copy(update={"gate": None}),), FACTS).eval()
    free.load_state_dict(network.state_dict())
    torch.testing.assert_close(
        restored(network, SAMPLES)[1].prediction, restored(free, SAMPLES)[1].prediction
    )


@pytest.mark.parametrize("detach", [True, False])
def test_gradients_reach_quality_unless_they_stop_at_the_edge(detach):
    edges = (Edge(source="quality", target="restore", detach=detach),)
    network = build((QUALITY, RESTORE), FACTS, edges=edges).train()
    network(batch_of(network, SAMPLES))["restore"].total.backward()
    reached = [one.grad is not None for one in network.tasks["quality"].parameters()]
    assert all(reached) if not detach else not any(reached)


def test_no_change_gives_the_very_pixels_back():
    task = build((RESTORE,), FACTS).tasks["restore"]
    sample = SAMPLES[0]
    draft = ReadingBuilder(sample, Homography.resize(sample.size, (48, 64)))
    task.decode({"change": torch.zeros(3, 48, 64)}, draft)
    assert np.array_equal(draft.restored, sample.pixels)


def test_a_change_comes_back_where_it_was_seen():
    """A brighter left half of the small frame is a brighter left half of the image."""
    task = build((RESTORE,), FACTS).tasks["restore"]
    grey = np.full((96, 128, 3), 100, np.uint8)
    draft = ReadingBuilder(replace(SAMPLES[0], image=grey), Homography.resize((96, 128), (48, 64)))
    change = torch.zeros(3, 48, 64)
    change[:, :, :32] = 51 / 255
    task.decode({"change": change}, draft)
    assert (draft.restored[:, :62] == 151).all()
    assert (draft.restored[:, 66:] == 100).all()


def test_left_out_without_partners():
    assert "no image has a sharp partner" in RESTORE.left_out(
        painted_facts([replace(one, sharp=None) for one in SAMPLES])
    )


def test_learns_to_undo_a_known_change():
    network = build((RestoreConfig(width=16),), FACTS).train()
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    batch = batch_of(network, SAMPLES)
    losses = []
    for _ in range(40):
        loss = network(batch)["restore"].total
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]
