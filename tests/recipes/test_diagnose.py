"""The generic recipe for labels of whole images, and whole-image tasks beside any recipe's."""

from dataclasses import replace
from io import StringIO

import pandas as pd
import pytest
from rich.console import Console

from polyclinic.config import merge
from polyclinic.data import open_cohort
from polyclinic.data.patients import group_patients
from polyclinic.data.split import make_split
from polyclinic.errors import DataError
from polyclinic.evaluation.evaluate import evaluate
from polyclinic.fitting.fit import fit, fit_split
from polyclinic.recipes.diagnose import Diagnose
from polyclinic.runs.load import load
from tests.systems.kidney.kidney_fields import TINY, small_table


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


def parts_of(cohort, one_value):
    """Patients of all values to train on and to judge; validation holds one value alone."""
    by_value: dict[str, list[str]] = {}
    for one in cohort.samples:
        names = by_value.setdefault(one.labels["label"], [])
        if one.patient_id not in names:
            names.append(one.patient_id)
    homes = {
        name: "val" if value == one_value and place == 0 else ("train", "test")[place % 2]
        for value, names in by_value.items()
        for place, name in enumerate(names, start=value != one_value)
    }
    rows: dict[str, list[int]] = {"train": [], "val": [], "test": []}
    for row, one in enumerate(cohort.samples):
        rows[homes[one.patient_id]].append(row)
    return {part: tuple(those) for part, those in rows.items()}


def test_where_validation_holds_one_value_the_last_weights_are_kept_and_it_is_said(table, tmp_path):
    cohort = open_cohort(table)
    value = cohort.samples[0].labels["label"]
    parts = parts_of(cohort, value)
    lost = cohort.samples[parts["val"][0]]
    samples = tuple(
        replace(one, file=one.file + ".gone") if one is lost else one for one in cohort.samples
    )
    cohort = replace(cohort, samples=samples)
    split = make_split(cohort, group_patients(cohort), parts, {})
    settings = merge(TINY, {"train": {"steps": 4, "evaluate_every": 2}})
    said, recipe = StringIO(), Diagnose()
    fitted = fit_split(
        recipe,
        recipe.resolve(merge(settings, {"classes": {"label": "label"}})),
        cohort,
        split,
        tmp_path / "run",
        resume=False,
        console=Console(file=said, width=500),
    )
    _, described = fitted.run.load_model()
    assert (described["step"], described["score"], described["kept"]) == (4, None, "last")
    assert described["validation"]["figure"] == "label_balanced_accuracy"
    text = said.getvalue()
    assert f"only {value!r} is annotated" in described["validation"]["not_computed"]
    assert "label_balanced_accuracy can't be computed" in text
    assert f"{lost.file}.gone" in text
    assert text.count("can't be computed on") == 1
