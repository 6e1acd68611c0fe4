"""An evaluation as a report."""

from polyclinic.report.evaluation.write import write_evaluation

__all__ = ["write_evaluation"]
