"""Stress of runs of every recipe, with networks too small to be any good."""

import pytest

from polyclinic.data import open_cohort
from polyclinic.data.degrade import LEVELS
from polyclinic.evaluation.evaluate import evaluate
from polyclinic.fitting.fit import fit
from polyclinic.systems.knee.phantoms import KneePhantomConfig
from polyclinic.systems.knee.phantoms import make_cohort as make_films
from polyclinic.systems.nailfold.phantoms import NailfoldPhantomConfig
from polyclinic.systems.nailfold.phantoms import make_cohort as make_fingers
from tests.recipes.test_landmarks import TINY as TINY_LANDMARKS
from tests.recipes.test_landmarks import arrows
from tests.recipes.test_segment import TINY as TINY_SEGMENT
from tests.recipes.test_segment import discs
from tests.systems.knee import knee_films
from tests.systems.nailfold.test_recipe import TINY as TINY_NAILFOLD

__all__ = ["arrows", "discs"]  # fixtures


@pytest.fixture
def fingers(tmp_path):
    config = NailfoldPhantomConfig(size=(192, 256), um_per_px=6.8)
    return make_fingers(tmp_path, patients=3, images_per_patient=1, seed=3, config=config)


@pytest.fixture
def films(tmp_path):
    """DICOM files."""
    file = make_films(tmp_path, patients=6, seed=1, config=KneePhantomConfig())
    assert open_cohort(file).samples[0].file.endswith(".dcm")
    return file


@pytest.mark.parametrize(
    ("recipe", "data", "settings"),
    [
        pytest.param("nailfold", "fingers", TINY_NAILFOLD, marks=pytest.mark.slow),
        ("segment", "discs", TINY_SEGMENT),
        ("landmarks", "arrows", TINY_LANDMARKS),
        pytest.param("knee", "films", knee_films.TINY, marks=pytest.mark.slow),
    ],
)
def test_every_recipe_is_stressed_unchanged(recipe, data, settings, request, tmp_path):
    file = request.getfixturevalue(data)
    fit(recipe, file, tmp_path / "run", settings)
    evaluation = evaluate(tmp_path / "run", file, part="all", stress=["blur"])
    stress = evaluation.stress
    main = evaluation.headline()
    followed = [one.name for one in stress.levels[0].metrics]
    assert followed == [one.name for one in main]
    assert set(stress.names) <= set(followed)
    assert [one.level for one in stress.levels] == list(range(LEVELS))
    assert stress.levels[0].metrics == tuple(main)
    assert len(stress.to_frame()) == LEVELS * len(main)
