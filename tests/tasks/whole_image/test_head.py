from dataclasses import replace

import pytest
import torch

from polyclinic.errors import ConfigError
from polyclinic.tasks import FeatureShape, Scene
from polyclinic.tasks.edge import EdgeInput
from polyclinic.tasks.whole_image.head import look_at, through, vector_head, vector_width

SHAPE = FeatureShape(map_channels=(4, 6), pyramid_channels=5, strides=(4, 8))


def scene(**fed):
    rng = torch.Generator().manual_seed(0)
    maps = [torch.rand(2, channels, 4, 4, generator=rng) for channels in SHAPE.map_channels]
    pyramid = {name: torch.rand(2, 5, 4, 4, generator=rng) for name in ("p2", "p3")}
    return Scene(maps, pyramid, (32, 32), [(32, 32), (16, 8)], [0, 1], fed=fed)


@pytest.mark.parametrize("level", [None, "p3"])
def test_the_vector_is_as_wide_as_it_was_said_to_be(level):
    assert look_at(scene(), level, "a").shape == (2, vector_width(level, SHAPE, where="here"))


@pytest.mark.parametrize("level", [None, "p3"])
def test_what_edges_bring_stands_beside_what_is_seen(level):
    brought = torch.arange(6.0).reshape(2, 3)
    fed = (EdgeInput("b", "prediction", brought[:, :1]), EdgeInput("c", "features", brought[:, 1:]))
    wide = replace(SHAPE, fed=3)
    vector = look_at(scene(a=fed), level, "a")
    assert vector.shape == (2, vector_width(level, wide, where="here"))
    torch.testing.assert_close(vector, torch.cat([look_at(scene(), level, "a"), brought], 1))
    torch.testing.assert_close(look_at(scene(a=fed), level, "z"), look_at(scene(), level, "z"))


def test_a_level_that_there_is_not_is_refused():
    with pytest.raises(ConfigError, match=r"here: levels p9"):
        vector_width("p9", SHAPE, where="here")


@pytest.mark.parametrize("hidden", [None, 7])
def test_features_are_what_the_last_layer_sees(hidden):
    head = vector_head(6, hidden, 0.5, 3).eval()
    vector = torch.rand(2, 6)
    features, outputs = through(head, vector)
    assert features.shape == (2, hidden or 6)
    torch.testing.assert_close(outputs, head(vector))
    torch.testing.assert_close(outputs, head[-1](features))
    with torch.autocast("cpu", torch.bfloat16):
        assert {one.dtype for one in through(head, vector)} == {torch.float32}
