"""The generic recipe for labels of whole images, and whole-image tasks beside any recipe's."""

import pandas as pd
import pytest

from polyclinic.config import merge
from polyclinic.errors import DataError
from polyclinic.evaluation.evaluate import evaluate
from polyclinic.recipes.diagnose import Diagnose
from polyclinic.recipes.fit import fit
from polyclinic.recipes.load import load
from tests.recipes.kidney_fields import TINY, small_table


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Fields with a grade: 2 for lupus, 1 for membranous, else 0; and one without."""
    path = small_table(tmp_path_factory.mktemp("fields"))
    rows = pd.read_csv(path)
    rows["grade"] = rows["label"].map({"lupus": 2, "membranous": 1}).fillna(0).astype(int)
    rows["grade"] = rows["grade"].astype(object)
    rows.loc[0, "grade"] = ""
    rows.to_csv(path, index=False)
    return path


def test_a_label_is_diagnosed_per_image_and_per_patient(table, tmp_path):
    fit("diagnose", table, tmp_path / "run", TINY)
    judged = evaluate(tmp_path / "run", table)
    main = [metric.name for metric in judged.headline()]
    assert main[:2] == ["label_accuracy", "label_balanced_accuracy"]
    assert "patient_label_accuracy" in main
    reading = load(tmp_path / "run").read(judged.cohort.samples[0].file)
    assert sum(reading.findings["label"].values()) == pytest.approx(1)


def test_a_grade_is_judged_by_agreement(table, tmp_path):
    fit("diagnose", table, tmp_path / "run", merge(TINY, {"grades": {"label": "grade"}}))
    reader = load(tmp_path / "run")
    assert [task.name for task in reader.task_list] == ["grades_grade", "classes_label"]
    judged = evaluate(tmp_path / "run", table)
    assert "grade_quadratic_kappa" in [metric.name for metric in judged.headline()]


def test_weights_are_chosen_by_what_is_diagnosed():
    recipe = Diagnose()
    assert recipe.monitored(recipe.resolve({})) == "label_balanced_accuracy"
    graded = recipe.resolve({"grades": {"label": "dr"}})
    assert recipe.monitored(graded) == "dr_quadratic_kappa"


def test_one_label_is_not_read_twice():
    recipe = Diagnose()
    (task,) = recipe.tasks(recipe.resolve({"grades": {"label": "label"}}))
    assert task.task_name == "grades_label"


def test_whole_image_tasks_stand_beside_and_pass_on(table, tmp_path):
    beside = {
        "beside": {"grades": ({"label": "grade"},), "quality": {}},
        "hierarchy": {"edges": ({"source": "quality", "target": "classes_label"},)},
    }
    fit("diagnose", table, tmp_path / "run", merge(TINY, beside))
    network = load(tmp_path / "run").network
    names = [task.name for task in network.task_list]
    assert set(names) == {"quality", "grades_grade", "classes_label"}
    assert names.index("quality") < names.index("classes_label")
    assert network.second is None


def test_a_table_without_labels_is_refused(table, tmp_path):
    path = table.with_name("bare.csv")
    pd.read_csv(table)[["patient_id", "image"]].to_csv(path, index=False)
    with pytest.raises(DataError, match="no image to train on has the label 'label'"):
        fit("diagnose", path, tmp_path / "run", TINY)
