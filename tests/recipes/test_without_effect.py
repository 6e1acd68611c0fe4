"""Settings that would change nothing are refused; those of presets and of stored runs are not."""

import pytest

from polyclinic.data import Facts, open_cohort
from polyclinic.errors import ConfigError
from polyclinic.fitting.fit import fit
from polyclinic.fitting.fit_folds import fit_folds
from polyclinic.recipes.find import BUILT_IN, find_recipe
from polyclinic.systems.knee.recipe import Knee
from tests.recipes.toy_staged import TwoHalves

EVERY = [(name, preset) for name in BUILT_IN for preset in find_recipe(name).presets]


def refuse(recipe, **given):
    recipe = find_recipe(recipe)
    recipe.refuse_without_effect(recipe.resolve(given), given)


@pytest.mark.parametrize(("recipe", "preset"), EVERY)
def test_a_preset_and_the_whole_file_of_a_run_are_taken(recipe, preset):
    whole = find_recipe(recipe).resolve({"preset": preset}).model_dump(exclude={"recipe"})
    refuse(recipe, preset=preset)
    refuse(recipe, **whole)


@pytest.mark.parametrize("recipe", BUILT_IN)
@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"model": {"encoder": "resnet18", "hourglass": {"depth": 2}}}, "model.hourglass"),
        ({"model": {"encoder": "hourglass", "pyramid_channels": 9}}, "model.pyramid_channels"),
        ({"model": {"encoder": "mvitv2_tiny", "norm": "group"}}, "model.norm"),
        ({"train": {"schedule": "cosine", "milestones": (0.5, 0.6)}}, "train.milestones"),
        ({"hierarchy": {"edges": (), "second": "shared"}}, "hierarchy.second"),
        ({"beside": {"restore": {"gate": {"by": "qualty"}}}}, "beside.restore.gate.by"),
    ],
)
def test_every_recipe_refuses_what_changes_nothing(recipe, given, key):
    with pytest.raises(ConfigError, match=rf"^{key}\b.* has no effect"):
        refuse(recipe, **given)


@pytest.mark.parametrize(
    ("recipe", "given", "key"),
    [
        ("landmarks", {"points": {"width": 9}}, "points.width"),
        ("landmarks", {"points": {"head": "sum", "dropout": 0.4}}, "points.dropout"),
        ("landmarks", {"points": {"loss": {"kind": "l1", "width": 2}}}, "points.loss.width"),
        ("landmarks", {"points": {"loss": {"scale": 2}}}, "points.loss.scale"),
        ("nailfold", {"data": {"degrade": {"kernel": "disk"}}}, "data.degrade.kernel"),
        ("diagnose", {"data": {"augment": {"gamma_often": 0.3}}}, "data.augment.gamma_often"),
        ("knee", {"locate": {"points": {"width": 9}}}, "locate.points.width"),
        ("knee", {"film": {"flip": False, "doubt_mm": 1}}, "film.doubt_mm"),
        ("kidney", {"restore": {"gate": {"by": "qualty"}}}, "restore.gate.by"),
        ("diagnose", {"grades": {"label": "label"}, "classes": {"hidden": 4}}, "classes.hidden"),
    ],
)
def test_so_does_each_for_its_own(recipe, given, key):
    with pytest.raises(ConfigError, match=rf"^{key} has no effect"):
        refuse(recipe, **given)


def test_what_depends_on_it_is_enough():
    refuse("landmarks", points={"head": "sum"})  # whose dropout, from the preset, goes unused
    refuse("kidney", data={"degrade": {"blur": 0, "kernel": "disk"}})  # switched off on purpose
    refuse("kidney", data={"degrade": {"kernel": "disk"}})
    refuse("landmarks", points={"head": "sum", "width": 9, "levels": ("p2",)})
    refuse("diagnose", train={"schedule": "step", "milestones": (0.5,), "factors": (0.1,)})


def test_it_is_refused_before_there_is_a_folder(phantoms, tmp_path):
    given = {"train": {"milestones": (0.5, 0.6)}}
    for train in (fit, fit_folds):
        with pytest.raises(ConfigError, match=r"train\.milestones has no effect"):
            train("nailfold", phantoms, tmp_path / "run", given, **_folds(train))
        assert not (tmp_path / "run").exists()


def _folds(train):
    return {"folds": 2} if train is fit_folds else {}


def test_shares_beside_folds_are_refused(phantoms, tmp_path):
    given = {"data": {"split": (0.6, 0.2, 0.2)}}
    with pytest.raises(ConfigError, match="beside --folds"):
        fit_folds("nailfold", phantoms, tmp_path / "run", given, folds=2)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"beside": {"quality": {}}}, "beside.quality"),
        ({"beside": {"grades": ({"label": "grade"},)}}, "beside.grades"),
        ({"hierarchy": {"edges": ({"source": "image", "target": "points"},)}}, "hierarchy.edges"),
    ],
)
def test_tasks_that_no_stage_takes_up_are_refused(phantoms, given, key):
    facts: Facts = open_cohort(phantoms).facts()
    knee = Knee()
    with pytest.raises(ConfigError, match=rf"{key} has no effect"):
        knee.refuse_untaken(knee.resolve(given), facts)
    knee.refuse_untaken(knee.resolve({}), facts)
    taker = TwoHalves()
    taker.refuse_untaken(taker.resolve(given), facts)
