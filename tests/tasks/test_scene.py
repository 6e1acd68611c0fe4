import pytest
import torch

from polyclinic.tasks import Scene
from polyclinic.tasks.scene import Regions


def scene(coarse, frame, sizes):
    return Scene(maps=[coarse], pyramid={}, frame=frame, sizes=sizes, keys=range(len(sizes)))


@pytest.mark.parametrize(
    ("size", "cells"),
    [((96, 128), (3, 4)), ((64, 97), (2, 4)), ((1, 1), (1, 1)), ((65, 32), (3, 1))],
)
def test_vector_is_the_mean_over_the_cells_of_the_image(size, cells):
    torch.manual_seed(0)
    coarse = torch.rand(1, 5, 3, 4)
    padded = coarse.clone()
    padded[:, :, cells[0] :] = 1e6
    padded[:, :, :, cells[1] :] = 1e6
    vector = scene(padded, (96, 128), [size]).vector
    torch.testing.assert_close(vector, coarse[:, :, : cells[0], : cells[1]].mean((2, 3)))


@pytest.mark.parametrize("stride_cells", range(1, 40))
def test_an_image_that_ends_at_a_cell_takes_no_further_one(stride_cells):
    coarse = torch.zeros(1, 1, 1, 40)
    coarse[..., stride_cells:] = 1
    assert scene(coarse, (32, 40 * 32), [(32, 32 * stride_cells)]).vector == 0


def test_vector_of_bfloat16_maps_is_float32():
    coarse = torch.ones(1, 1, 64, 64, dtype=torch.bfloat16)
    coarse[..., ::2, ::2] = 1.0078125
    vector = scene(coarse, (2048, 2048), [(2048, 2048)]).vector
    assert vector.dtype == torch.float32
    assert float(vector) == pytest.approx(1 + 0.0078125 / 4)


def test_any_map_has_a_mean_over_the_image():
    finer = torch.ones(2, 3, 6, 8)
    finer[1, :, :, 4:] = 9
    found = scene(torch.zeros(2, 1, 3, 4), (96, 128), [(96, 128), (96, 64)]).mean_of(finer)
    torch.testing.assert_close(found, torch.ones(2, 3))


def test_tasks_in_the_wrong_order_are_told_so():
    with pytest.raises(RuntimeError, match="before any task has made them"):
        _ = scene(torch.zeros(1, 1, 1, 1), (32, 32), [(32, 32)]).regions


def test_rows_of_some_classes():
    labels = [torch.tensor([0, 2, 1, 2]), torch.tensor([1]), torch.tensor([], dtype=torch.int64)]
    regions = Regions([torch.zeros(len(one), 4) for one in labels], labels)
    assert [rows.tolist() for rows in regions.rows_of((2, 0))] == [[0, 1, 3], [], []]
