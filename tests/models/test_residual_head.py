import pytest
import torch

from polyclinic.models.residual_head import ResidualHead

LEVELS = ("p2", "p3")


def pyramid(height, width):
    torch.manual_seed(0)
    return {f"p{k}": torch.randn(2, 6, height // 2**k, width // 2**k) for k in (2, 3)}


@pytest.mark.parametrize("fed", [0, 3])
def test_a_change_for_every_pixel_and_features_for_every_cell(fed):
    head = ResidualHead(LEVELS, 6, 8, fed)
    vector = torch.randn(2, fed) if fed else None
    change, features = head(pyramid(32, 48), torch.rand(2, 3, 32, 48), vector)
    assert change.shape == (2, 3, 32, 48)
    assert features.shape == (2, 8, 16, 24)
    assert change.abs().mean() < 0.1


def test_everything_is_looked_at():
    head = ResidualHead(LEVELS, 6, 8, 3)
    maps = {name: one.requires_grad_() for name, one in pyramid(32, 32).items()}
    images, vector = torch.rand(2, 3, 32, 32).requires_grad_(), torch.randn(2, 3).requires_grad_()
    change, _ = head(maps, images, vector)
    change.square().sum().backward()
    assert all(one.grad.any() for one in (*maps.values(), images, vector))


def test_can_copy_single_pixels():
    """Cells of 2 x 2 pixels lose nothing: one step of a checkerboard can be learnt."""
    torch.manual_seed(0)
    head = ResidualHead(LEVELS, 6, 16, 0)
    maps = pyramid(32, 32)
    rows, columns = torch.meshgrid(torch.arange(32), torch.arange(32), indexing="ij")
    images = torch.rand(2, 3, 32, 32)
    wanted = torch.where((rows + columns) % 2 == 0, 0.5, -0.5) * images
    optimiser = torch.optim.Adam(head.parameters(), 1e-2)
    for _ in range(150):
        change, _ = head(maps, images, None)
        loss = (change - wanted).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss < 0.3 * wanted.square().mean()
