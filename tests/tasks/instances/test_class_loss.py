import torch
import torch.nn.functional as F

from polyclinic.tasks.instances.class_loss import class_loss


def test_named_regions_cost_their_cross_entropy():
    torch.manual_seed(0)
    logits, labels = torch.randn(20, 4), torch.arange(20) % 4
    torch.testing.assert_close(
        class_loss(logits, labels), F.cross_entropy(logits, labels, reduction="sum")
    )


def test_an_unnamed_object_costs_only_its_share_of_background():
    logits = torch.tensor([[0.3, 2.0, -1.0]])
    expected = -(1 - logits.softmax(1)[0, 0]).log()
    torch.testing.assert_close(class_loss(logits, torch.tensor([3])), expected)
    swapped = class_loss(logits[:, [0, 2, 1]], torch.tensor([3]))
    torch.testing.assert_close(swapped, expected)


def test_with_one_class_an_unnamed_object_is_of_it():
    logits = torch.tensor([[0.3, 2.0]])
    named, unnamed = class_loss(logits, torch.tensor([1])), class_loss(logits, torch.tensor([2]))
    torch.testing.assert_close(unnamed, named)


def test_gradients_stay_finite_for_sure_mistakes():
    logits = torch.tensor([[200.0, -200.0, -200.0]] * 2, requires_grad=True)
    class_loss(logits, torch.tensor([1, 3])).backward()
    assert logits.grad.isfinite().all()


def test_no_regions_cost_nothing():
    assert class_loss(torch.zeros(0, 3), torch.zeros(0, dtype=torch.int64)) == 0
