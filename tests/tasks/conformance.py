"""What every task must keep to. A new task joins by one line in `test_conformance.py`."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from polyclinic.sample import Sample
from polyclinic.tasks import Loss, Network, Prediction, TaskConfig
from tests.tasks.networks import batch_of, build, painted_facts
from tests.tasks.painting import paint_sample


@dataclass(frozen=True)
class Candidate:
    """A task under test.

    Args:
        name: of the task.
        config: of the task.
        needs: tasks that must run before it.
    """

    name: str
    config: TaskConfig
    needs: tuple[TaskConfig, ...] = ()

    def network(self, *, seed: int = 0) -> Network:
        """The task with what it needs, on a small encoder."""
        return build((*self.needs, self.config), painted_facts(SAMPLES), seed=seed)


def labelled_sample(seed: int) -> Sample:
    """A painted image with a grade, an answer, a quality and a sharp partner."""
    sample = paint_sample(seed, loops=2 + seed % 2)
    labels = {"grade": seed, "odd": ("no", "yes")[seed % 2], "quality": seed / 4}
    sharp = sample.pixels // 2 + np.uint8(60)
    return replace(sample, labels={**sample.labels, **labels}, sharp=sharp)


SAMPLES = tuple(labelled_sample(seed) for seed in range(3))


def without_annotations(sample: Sample) -> Sample:
    """Nobody looked at this image."""
    return replace(sample, instances=None, labels={}, sharp=None)


def own_losses(network: Network, candidate: Candidate, samples: list[Sample]) -> dict[str, Loss]:
    """Losses of the task under test alone."""
    names = network.task_list[-1].loss_names
    assert network.task_list[-1].name == candidate.name
    found = network(batch_of(network, samples))
    assert set(found) <= set(network.loss_names), "a loss is not declared"
    return {name: loss for name, loss in found.items() if name in names}


def gradients_are_finite(network: Network) -> bool:
    """Whether a backward pass left numbers everywhere it came to."""
    return all(p.grad.isfinite().all() for p in network.parameters() if p.grad is not None)


def check_absent_annotation_gives_no_loss(candidate: Candidate) -> None:
    network = candidate.network().train()
    assert own_losses(network, candidate, [without_annotations(s) for s in SAMPLES]) == {}
    alone = own_losses(network, candidate, [SAMPLES[0]])
    mixed = own_losses(network, candidate, [SAMPLES[0], without_annotations(SAMPLES[1])])
    assert alone.keys() == mixed.keys()
    for name, loss in mixed.items():
        torch.testing.assert_close(loss.total, alone[name].total, rtol=1e-5, atol=1e-5)
        assert loss.count == alone[name].count
    sum(loss.total for loss in mixed.values()).backward()
    assert gradients_are_finite(network)


def check_batch_equals_one_by_one(candidate: Candidate) -> None:
    network = candidate.network().eval()
    together = network.predict(batch_of(network, SAMPLES))
    assert any(v.numel() for one in together for v in one[candidate.name].values())
    for sample, found in zip(SAMPLES, together, strict=True):
        alone = network.predict(batch_of(network, [sample]))[0]
        _assert_same(found[candidate.name], alone[candidate.name])


def check_loss_of_batch_is_sum_of_losses(candidate: Candidate) -> None:
    network = candidate.network().train()
    with torch.no_grad():
        together = own_losses(network, candidate, list(SAMPLES))
        alone = [own_losses(network, candidate, [sample]) for sample in SAMPLES]
    assert together, "an annotated batch gives no loss"
    for name, loss in together.items():
        totals = sum(one[name].total for one in alone if name in one)
        torch.testing.assert_close(loss.total, totals, rtol=1e-5, atol=1e-5)
        assert loss.count == sum(one[name].count for one in alone if name in one)


def check_parts_of_a_batch_give_the_gradient_of_the_whole(candidate: Candidate) -> None:
    """As two processes, or one after the other: totals over the counts of all parts."""
    whole, cut = candidate.network().train(), candidate.network().train()
    together = own_losses(whole, candidate, list(SAMPLES))
    sum(loss.total / loss.count for loss in together.values()).backward()
    parts = [own_losses(cut, candidate, part) for part in (list(SAMPLES[:2]), [SAMPLES[2]])]
    for part in parts:
        sum(loss.total / together[name].count for name, loss in part.items()).backward()
    for (name, one), other in zip(whole.named_parameters(), cut.parameters(), strict=True):
        if one.grad is None:
            assert other.grad is None, name
            continue
        torch.testing.assert_close(other.grad, one.grad, rtol=1e-3, atol=1e-5)


def check_every_answer_has_a_scale(candidate: Candidate) -> None:
    """On which exported graphs are compared with the network."""
    network = candidate.network().eval()
    task = network.task_list[-1]
    with torch.no_grad():
        scene = network.look(batch_of(network, SAMPLES[:1]))
        for one in network.task_list:
            found = one.find(scene)
        if task.region_levels:
            boxes = torch.tensor([[2.0, 2, 40, 40]])
            found |= task.look_at_regions(scene.pyramid, [boxes])
    assert found
    assert found.keys() == task.scales.keys()
    for name, value in found.items():
        assert task.scales[name].apart(value.numpy(), value.numpy()) == 0


def check_losses_train_every_weight(candidate: Candidate) -> None:
    network = candidate.network().train()
    losses = own_losses(network, candidate, list(SAMPLES))
    assert set(losses) == set(network.task_list[-1].loss_names)
    sum(loss.total / loss.count for loss in losses.values()).backward()
    assert gradients_are_finite(network)
    idle = [
        name
        for name, weight in network.task_list[-1].named_parameters()
        if weight.grad is None or not weight.grad.any()
    ]
    assert not idle, f"no gradient reaches {idle}"


def check_state_dict_gives_same_predictions(candidate: Candidate) -> None:
    first, second = candidate.network(seed=1).eval(), candidate.network(seed=2).eval()
    second.load_state_dict(first.state_dict())
    for a, b in zip(
        first.predict(batch_of(first, SAMPLES)),
        second.predict(batch_of(second, SAMPLES)),
        strict=True,
    ):
        for key, value in a[candidate.name].items():
            assert torch.equal(value, b[candidate.name][key])


def check_bfloat16_gives_float32_results(candidate: Candidate) -> None:
    network = candidate.network().train()
    with torch.autocast("cpu", torch.bfloat16):
        losses = own_losses(network, candidate, list(SAMPLES))
    sum(loss.total / loss.count for loss in losses.values()).backward()
    assert gradients_are_finite(network)
    for loss in losses.values():
        assert loss.total.isfinite()


CHECKS = (
    check_absent_annotation_gives_no_loss,
    check_batch_equals_one_by_one,
    check_loss_of_batch_is_sum_of_losses,
    check_parts_of_a_batch_give_the_gradient_of_the_whole,
    check_every_answer_has_a_scale,
    check_losses_train_every_weight,
    check_state_dict_gives_same_predictions,
    check_bfloat16_gives_float32_results,
)


def _assert_same(first: Prediction, second: Prediction) -> None:
    assert first.keys() == second.keys()
    for key, value in first.items():
        torch.testing.assert_close(value, second[key], rtol=1e-5, atol=1e-5)
