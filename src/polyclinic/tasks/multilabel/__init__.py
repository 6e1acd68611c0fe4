"""Several yes-or-no labels of one image."""

from polyclinic.tasks.multilabel.task import Multilabel, MultilabelConfig

__all__ = ["Multilabel", "MultilabelConfig"]
