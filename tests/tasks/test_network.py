import pytest
import torch

from polyclinic.errors import ConfigError
from tests.tasks.networks import INSTANCES, LANDMARKS, MASKS, batch_of, build, painted_facts
from tests.tasks.painting import paint_sample
from tests.tasks.toy import CrowdedConfig

SAMPLES = [paint_sample(seed) for seed in (0, 1)]
NETWORK = build((INSTANCES, MASKS, LANDMARKS, CrowdedConfig()), painted_facts(SAMPLES))


def test_tasks_keep_their_order_and_their_losses():
    assert [task.name for task in NETWORK.task_list] == [
        "instances",
        "masks",
        "landmarks",
        "crowded",
    ]
    losses = NETWORK.train()(batch_of(NETWORK, SAMPLES))
    assert tuple(losses) == NETWORK.loss_names
    assert all(loss.total.requires_grad and loss.count > 0 for loss in losses.values())


def test_predictions_come_by_image_and_task_without_gradients():
    found = NETWORK.eval().predict(batch_of(NETWORK, SAMPLES))
    assert [list(one) for one in found] == [[task.name for task in NETWORK.task_list]] * 2
    assert not any(v.requires_grad for one in found for p in one.values() for v in p.values())


def test_heads_are_given_float32_maps_under_autocast():
    seen = {}

    def note(module, arguments):
        seen.update({name: level.dtype for name, level in arguments[0].items()})

    handle = NETWORK.tasks["masks"].pool.register_forward_pre_hook(note)
    with torch.autocast("cpu", torch.bfloat16):
        NETWORK.eval().predict(batch_of(NETWORK, SAMPLES))
    handle.remove()
    assert set(seen.values()) == {torch.float32}


def test_two_tasks_of_one_name_are_refused():
    with pytest.raises(ConfigError, match="two tasks share a name: crowded, crowded"):
        build((CrowdedConfig(), CrowdedConfig()), painted_facts(SAMPLES))
