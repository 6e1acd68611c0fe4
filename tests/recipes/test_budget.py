"""What a user says of the length of a training stands in place of what the preset says."""

from __future__ import annotations

import pytest

from polyclinic.errors import ConfigError
from polyclinic.recipes.find import BUILT_IN, find_recipe
from polyclinic.systems.knee.recipe import Knee
from polyclinic.systems.nailfold.recipe import Nailfold


def length(train):
    return train.steps, train.max_minutes


@pytest.mark.parametrize("preset", ["small", "paper"])
@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_a_budget_alone_decides(name, preset):
    recipe = find_recipe(name)
    if preset not in recipe.presets:
        pytest.skip("no such preset")
    given = {"preset": preset, "train": {"max_minutes": 12.0}}
    config = recipe.resolve(given)
    assert config.train.steps is None
    assert recipe.budget(config) == pytest.approx(12.0)


def test_steps_alone_decide():
    assert length(Nailfold().resolve({"train": {"steps": 5000}}).train) == (5000, None)


def test_of_both_the_first_ends_it():
    config = Nailfold().resolve({"train": {"steps": 5000, "max_minutes": 12}})
    assert length(config.train) == (5000, 12)
    assert config.train.extent == "5000 steps or 12 min, whichever comes first"


def test_without_either_the_preset_counts():
    small = Nailfold.presets["small"]["train"]
    other = Nailfold().resolve({"train": {"lr": 1e-4}, "seed": 3})
    assert length(other.train) == (small["steps"], small["max_minutes"])


def test_a_part_of_the_length_can_be_taken_away():
    small = Nailfold.presets["small"]["train"]
    unlimited = Nailfold().resolve({"train": {"max_minutes": None}})
    assert length(unlimited.train) == (small["steps"], None)
    timed = Nailfold().resolve({"train": {"steps": None}})
    assert length(timed.train) == (None, small["max_minutes"])


def test_a_training_without_end_is_refused():
    with pytest.raises(ConfigError, match="nothing would end the training"):
        Nailfold().resolve({"train": {"steps": None, "max_minutes": None}})
    with pytest.raises(ConfigError, match="nothing would end the training"):
        Nailfold().resolve({"preset": "paper", "train": {"steps": None}})


@pytest.mark.parametrize("given", [0, -1, "soon", float("nan"), float("inf")])
def test_minutes_that_are_none_are_refused(given):
    for recipe in (Nailfold(), Knee()):
        with pytest.raises(ConfigError, match="max_minutes"):
            recipe.resolve({"train": {"max_minutes": given}})


def test_the_networks_of_knees_share_a_budget():
    config = Knee().resolve({"train": {"max_minutes": 10}})
    assert length(config.locate.train) == (None, 2.0)
    assert length(config.train) == (None, 8.0)
    assert Knee().budget(config) == 10


def test_a_budget_of_the_first_network_is_its_own():
    config = Knee().resolve({"locate": {"train": {"max_minutes": 1}}, "train": {"max_minutes": 9}})
    assert (length(config.locate.train), length(config.train)) == ((None, 1), (None, 9))
    counted = Knee().resolve({"locate": {"train": {"steps": 50}}, "train": {"max_minutes": 9}})
    assert (length(counted.locate.train), length(counted.train)) == ((50, None), (None, 9))
    assert Knee().budget(counted) is None


@pytest.mark.parametrize("given", [{"max_minutes": 10}, {"steps": 7}, {}])
def test_stored_settings_mean_the_same(given):
    for recipe in (Nailfold(), Knee()):
        config = recipe.resolve({"train": given})
        stored = config.model_dump(mode="json")
        assert type(config).parse(stored) == config
        assert recipe.resolve(stored) == config


@pytest.mark.parametrize("name", ["nailfold", "knee", "kidney"])
def test_demonstrations_are_counted_in_steps(name):
    """Their minutes only bound them."""
    train = find_recipe(name).resolve({}).train
    assert train.steps is not None
    assert train.max_minutes is not None
