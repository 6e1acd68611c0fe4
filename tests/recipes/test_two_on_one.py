"""Two tasks that would write the same of a reading are refused, both by name."""

import pytest

from polyclinic.data import Cohort
from polyclinic.errors import ConfigError
from polyclinic.recipes.assemble import assemble
from polyclinic.recipes.find import find_recipe
from polyclinic.sample import Sample

SMALL = {"encoder": "test_resnet", "norm": "group", "pyramid_channels": 16}
GRADES = (0, 1, 2)


def facts():
    samples = tuple(
        Sample(
            image_id=number,
            size=(64, 64),
            labels={"grade": GRADES[number % 3], "sign": str(number % 2), "quality": number / 8},
        )
        for number in range(8)
    )
    return Cohort(samples=samples).training_facts(range(8))


def built(recipe, **given):
    recipe = find_recipe(recipe)
    return assemble(recipe, recipe.resolve({"model": SMALL} | given), facts()).network


@pytest.mark.parametrize(
    ("recipe", "given", "names"),
    [
        (
            "diagnose",
            {"classes": {"label": "grade"}, "beside": {"grades": ({"label": "grade"},)}},
            "classes_grade and grades_grade both",
        ),
        (
            "diagnose",
            {"classes": {"label": "sign"}, "beside": {"multilabel": {"labels": ("sign",)}}},
            "classes_sign and multilabel both",
        ),
        (
            "nailfold",
            {
                "beside": {
                    "classes": ({"label": "sign"}, {"label": "sign", "name": "again"}),
                }
            },
            "classes_sign and again both write the finding 'sign'",
        ),
    ],
)
def test_two_tasks_on_one_label_are_refused(recipe, given, names):
    with pytest.raises(ConfigError, match=names) as refused:
        built(recipe, **given)
    assert "both write the finding" in str(refused.value)


def test_two_labels_are_two_findings():
    network = built(
        "diagnose", classes={"label": "grade"}, beside={"classes": ({"label": "sign"},)}
    )
    assert set(network.tasks) == {"classes_grade", "classes_sign"}


def test_a_name_that_no_module_can_have_is_refused():
    with pytest.raises(ConfigError, match=r"'keys'"):
        built("diagnose", classes={"label": "grade", "name": "keys"})
