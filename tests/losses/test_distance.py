import torch

from polyclinic.losses import elastic_loss, l1_loss, l2_loss


def test_elastic_is_half_of_each():
    difference = torch.tensor([-3.0, 0.0, 0.5])
    assert l1_loss(difference).tolist() == [3, 0, 0.5]
    assert l2_loss(difference).tolist() == [9, 0, 0.25]
    assert elastic_loss(difference).tolist() == [6, 0, 0.375]
