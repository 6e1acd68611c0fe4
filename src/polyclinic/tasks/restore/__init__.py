"""An image to its sharp partner."""

from polyclinic.tasks.restore.task import GateConfig, Restore, RestoreConfig

__all__ = ["GateConfig", "Restore", "RestoreConfig"]
