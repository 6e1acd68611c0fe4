"""Where the folds of a cross-validation are trained: here in turn, or on a cluster."""

from polyclinic.fitting.engines.fold import FoldEngine, FoldJob, InTurn

__all__ = ["FoldEngine", "FoldJob", "InTurn"]
