import numpy as np
import pytest
import torch

from polyclinic.losses import standardised_loss


@pytest.mark.parametrize("noise", [0.0, 0.3, 2.0])
def test_its_mean_is_one_minus_pearson_for_scores_of_one_mean_and_spread(noise):
    drawn = np.random.default_rng(0)
    wanted = drawn.normal(size=50)
    found = wanted + noise * drawn.normal(size=50)
    found, wanted = (3 + 0.7 * (side - side.mean()) / side.std() for side in (found, wanted))
    loss = standardised_loss(torch.as_tensor(found), torch.as_tensor(wanted), spread=0.7)
    r = np.corrcoef(found, wanted)[0, 1]
    assert loss.mean().item() == pytest.approx(1 - r, abs=1e-9)


def test_it_is_a_sum_over_images_with_a_finite_slope():
    found = torch.tensor([0.2, 0.2, 0.9], requires_grad=True)
    wanted = torch.tensor([0.2, 0.4, 0.4])
    whole = standardised_loss(found, wanted, spread=0.5)
    parts = [standardised_loss(found[i : i + 1], wanted[i : i + 1], spread=0.5) for i in range(3)]
    assert torch.equal(whole, torch.cat(parts))
    whole.sum().backward()
    assert torch.allclose(found.grad, torch.tensor([0.0, -0.8, 2.0]))
