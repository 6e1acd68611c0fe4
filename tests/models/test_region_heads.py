import pytest
import torch

from polyclinic.models.region_heads import BoxHead, LandmarkHead, MaskHead


@pytest.mark.parametrize("regions", [0, 1, 5])
def test_shapes(regions):
    crops = torch.rand(regions, 8, 14, 14)
    logits, corrections = BoxHead(8, 14, 16, classes=3, box_groups=3)(crops)
    assert logits.shape == (regions, 4)
    assert corrections.shape == (regions, 3, 4)
    assert MaskHead(8, (8, 12), 3)(crops).shape == (regions, 3, 28, 28)
    assert LandmarkHead(8, (8, 12), 5)(crops).shape == (regions, 5, 56, 56)


def test_results_are_float32_under_autocast():
    crops = torch.rand(2, 8, 7, 7)
    with torch.autocast("cpu", torch.bfloat16):
        logits, corrections = BoxHead(8, 7, 16, classes=2, box_groups=1)(crops)
        results = [
            logits,
            corrections,
            MaskHead(8, (8,), 1)(crops),
            LandmarkHead(8, (8,), 2)(crops),
        ]
    assert {one.dtype for one in results} == {torch.float32}


@pytest.mark.parametrize("head", [MaskHead(4, (6,), 2), LandmarkHead(4, (6,), 2)])
def test_grids_grow_about_the_middle_of_the_cells(head):
    """With kernels that are their own mirror images a mirrored crop gives a mirrored grid."""
    for weight in head.parameters():
        if weight.ndim == 4:
            weight.data = (weight.data + weight.data.flip(3)) / 2
    torch.manual_seed(0)
    crops = torch.rand(2, 4, 14, 14)
    torch.testing.assert_close(head(crops.flip(3)), head(crops).flip(3))


def test_untrained_class_scores_are_even_and_boxes_stay():
    """Small last layers: training begins near an even guess (He et al., section 4)."""
    torch.manual_seed(0)
    logits, corrections = BoxHead(64, 7, 256, classes=5, box_groups=1)(torch.rand(32, 64, 7, 7))
    assert (logits.softmax(1) - 1 / 6).abs().max() < 0.05
    assert corrections.abs().max() < 0.05
