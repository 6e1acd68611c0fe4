import pytest
import torch

from polyclinic.training.strategy import Mixup, added, mixed
from tests.tasks.networks import POINTS, batch_of, build, painted_facts
from tests.tasks.painting import paint_sample

SAMPLES = [paint_sample(seed, loops=1, size=(96, 128 - 16 * (seed % 2))) for seed in range(3)]
ORDER = [2, 0, 1]


@pytest.fixture
def network():
    return build((POINTS,), painted_facts(SAMPLES)).train()


def loss_with(network, batch, share):
    return added(network(batch), network(mixed(batch, ORDER, share)), share)["points"]


def test_a_share_of_1_is_the_ordinary_loss(network):
    batch = batch_of(network, SAMPLES)
    ordinary, found = network(batch)["points"], loss_with(network, batch, 1.0)
    torch.testing.assert_close(found.total, ordinary.total)
    assert found.count == ordinary.count


def test_a_share_of_0_is_the_loss_of_the_partners(network):
    batch = batch_of(network, SAMPLES)
    partners = network(batch_of(network, [SAMPLES[row] for row in ORDER]))["points"]
    torch.testing.assert_close(loss_with(network, batch, 0.0).total, partners.total)


def test_mixed_images_keep_the_annotations_of_the_partner(network):
    batch = batch_of(network, SAMPLES)
    found = mixed(batch, ORDER, 0.25)
    images = batch.images.float()
    torch.testing.assert_close(found.images, 0.25 * images + 0.75 * images[ORDER])
    assert found.sizes == tuple(batch.sizes[row] for row in ORDER)
    for row, target in zip(ORDER, found.targets["points"], strict=True):
        assert target is batch.targets["points"][row]


def test_two_passes_that_the_keys_decide(network):
    passes = []
    handle = network.encoder.register_forward_hook(lambda *_: passes.append(1))
    batch = batch_of(network, SAMPLES)
    first, second = (Mixup(0.75)(network, batch)["points"] for _ in range(2))
    handle.remove()
    assert len(passes) == 4
    assert first.total == second.total
    assert 0 < first.count <= 18


def test_nothing_annotated_adds_no_loss(network):
    assert added({}, {}, 0.3) == {}
