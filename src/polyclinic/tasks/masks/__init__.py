"""The pixels of each instance."""

from polyclinic.tasks.masks.task import Masks, MasksConfig

__all__ = ["Masks", "MasksConfig"]
