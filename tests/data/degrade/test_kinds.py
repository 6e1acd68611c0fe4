import numpy as np
import pytest

from polyclinic.data.degrade import KINDS, LEVELS, named_kinds
from polyclinic.errors import ConfigError
from polyclinic.metrics.restoration import psnr
from tests.data.degrade.pictures import sharpness, textured

IMAGE = textured(size=(240, 320))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_level_0_is_the_image_and_levels_get_worse(kind):
    before = IMAGE.copy()
    assert kind.degrade(IMAGE, 0, "a") is IMAGE
    assert kind.strength_of(0) is None
    levels = [kind.degrade(IMAGE, level, "a") for level in range(1, LEVELS)]
    assert np.array_equal(IMAGE, before)
    assert all((one.shape, one.dtype) == (IMAGE.shape, np.uint8) for one in levels)
    close = [psnr(one, IMAGE, data_range=255) for one in levels]
    assert close == sorted(close, reverse=True)
    assert len(set(close)) == LEVELS - 1


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_image_id_decides_what_is_random(kind):
    seen = [kind.degrade(IMAGE, 2, name) for name in ("a", 1, 2, 3, 4, 5, "a")]
    assert np.array_equal(seen[0], seen[-1])
    random = not all(np.array_equal(one, seen[0]) for one in seen)
    assert random == (kind.name in ("noise", "gamma"))


@pytest.mark.parametrize("name", ["blur", "defocus"])
def test_blur_takes_sharpness_level_by_level(name):
    found = [sharpness(KINDS[name].degrade(IMAGE, level, 0)) for level in range(LEVELS)]
    assert found == sorted(found, reverse=True)


def test_noise_has_the_stated_spread():
    flat = np.full((200, 200, 3), 128, np.uint8)
    for level, strength in enumerate(KINDS["noise"].strengths[:3], start=1):
        assert (KINDS["noise"].degrade(flat, level, 0) / 255).std() == pytest.approx(
            strength, rel=0.05
        )


def test_gamma_goes_either_way_the_same_way_at_all_levels():
    means = np.array(
        [
            [KINDS["gamma"].degrade(IMAGE, level, name).mean() for level in range(LEVELS)]
            for name in range(12)
        ]
    )
    steps = np.sign(np.diff(means, axis=1))
    assert (steps == steps[:, :1]).all()
    assert {-1.0, 1.0} == set(steps[:, 0])


def test_names_are_looked_up_once_each():
    assert [kind.name for kind in named_kinds(["jpeg", "blur", "jpeg"])] == ["jpeg", "blur"]
    assert named_kinds([]) == []


@pytest.mark.parametrize(("name", "hint"), [("blurr", "'blur'"), ("jpg", "'jpeg'"), ("", "known")])
def test_unknown_names(name, hint):
    with pytest.raises(ConfigError, match=hint):
        named_kinds(["blur", name])
