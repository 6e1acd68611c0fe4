import torch

from polyclinic.models.dense_head import DenseHead

LEVELS = ("p1", "p2", "p3")


def pyramid(size, channels=6, *, mirrored=False):
    torch.manual_seed(0)
    maps = {f"p{k}": torch.randn(1, channels, size // 2**k, size // 2**k) for k in (1, 2, 3)}
    return {name: one.flip(-1) if mirrored else one for name, one in maps.items()}


def test_logits_have_the_size_asked_for():
    head = DenseHead(LEVELS, 6, 16, outputs=2)
    assert head(pyramid(32), (32, 32)).shape == (1, 2, 32, 32)


def test_every_level_is_read():
    head = DenseHead(LEVELS, 6, 16, outputs=1)
    maps = {name: one.requires_grad_() for name, one in pyramid(32).items()}
    head(maps, (32, 32)).sum().backward()
    assert all(one.grad.any() for one in maps.values())


def test_no_level_is_shifted_against_another():
    """Mirrored maps through mirrored kernels give mirrored logits, up to the last pixel."""
    head = DenseHead(LEVELS, 6, 16, outputs=1)
    straight = head(pyramid(32), (32, 32))
    with torch.no_grad():
        for weight in head.parameters():
            if weight.ndim == 4:
                weight.copy_(weight.flip(-1).clone())
    mirrored = head(pyramid(32, mirrored=True), (32, 32))
    torch.testing.assert_close(mirrored.flip(-1), straight, rtol=1e-4, atol=1e-5)
