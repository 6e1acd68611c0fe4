from dataclasses import replace

import numpy as np
import pytest

from polyclinic.report.contents import RESTORED_NOTICE
from polyclinic.report.evaluation import write_evaluation
from polyclinic.report.evaluation.pictures.findings import finding_plots
from polyclinic.report.evaluation.pictures.quality import quality_plots
from polyclinic.report.evaluation.restored import restored_panels
from polyclinic.report.evaluation.tables import figure_tables

from .whole_images import make_evaluation


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory):
    return make_evaluation(tmp_path_factory.mktemp("fields"))


def test_groups_stand_in_order_under_headings(evaluation):
    titles = [table.title for table in figure_tables(evaluation)]
    assert titles == ["Findings", "Findings by patient", "Quality", "Restoration"]


def test_quality_is_drawn_with_its_correlations(evaluation):
    (plot,) = quality_plots(evaluation)
    assert plot.title == "Quality: predicted against annotated"
    assert "SRCC 0.9" in plot.caption
    assert "PLCC 0.9" in plot.caption
    assert "after the dashed curve" in plot.caption


def test_patients_stand_beside_images(evaluation):
    titles = [plot.title for plot in finding_plots(evaluation)]
    assert titles[2:] == [
        "Label: reliability",
        "Label by patient: reliability",
        "Label: values",
        "Label by patient: values",
    ]


def test_the_least_the_middle_and_the_most_gain_are_shown(evaluation):
    panels = list(restored_panels(evaluation))
    gains = [
        one.fidelity.psnr - one.fidelity.input_psnr
        for sample, one in evaluation.reported
        if sample.labels["quality"] > 0
    ]
    shown = [float(panel.caption.split("(")[1].split(" dB")[0]) for panel in panels]
    assert shown == pytest.approx(
        [min(gains), sorted(gains)[len(gains) // 2], max(gains)], abs=0.006
    )
    for panel in panels:
        assert panel.image.dtype == np.uint8
        assert panel.image.shape[1] > 3 * panel.image.shape[0] * 0.9


def test_nothing_is_shown_where_nobody_can_look_again(evaluation):
    subject = replace(evaluation.subject, look_again=None)
    assert list(restored_panels(replace(evaluation, subject=subject))) == []


def test_the_report_says_that_restored_images_are_not_for_measuring(evaluation, tmp_path):
    text = write_evaluation(evaluation, tmp_path / "report.html").read_text()
    section = text[text.index('id="restored"') :]
    assert RESTORED_NOTICE in section
    assert ">Restored images</h2>" in section
    assert section.count("PSNR") >= 3
