"""Plots of a report, each as PNG bytes."""

from polyclinic.report.plots.bland_altman import bland_altman
from polyclinic.report.plots.confusion import confusion_matrix
from polyclinic.report.plots.curves import training_curves
from polyclinic.report.plots.landmark_error import landmark_error_curves

__all__ = ["bland_altman", "confusion_matrix", "landmark_error_curves", "training_curves"]
