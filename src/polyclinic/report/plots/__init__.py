"""Plots of a report, each as PNG bytes."""

from polyclinic.report.plots.band import Curve, Frame, curves_with_bands
from polyclinic.report.plots.bland_altman import bland_altman
from polyclinic.report.plots.confusion import confusion_matrix
from polyclinic.report.plots.curves import training_curves
from polyclinic.report.plots.landmark_error import landmark_error_curves
from polyclinic.report.plots.reliability import Reliability, reliability_diagram
from polyclinic.report.plots.scatter import quality_scatter, trend

__all__ = [
    "Curve",
    "Frame",
    "Reliability",
    "bland_altman",
    "confusion_matrix",
    "curves_with_bands",
    "landmark_error_curves",
    "quality_scatter",
    "reliability_diagram",
    "training_curves",
    "trend",
]
