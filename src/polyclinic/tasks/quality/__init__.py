"""How poor an image is, as a number."""

from polyclinic.tasks.quality.task import Quality, QualityConfig

__all__ = ["Quality", "QualityConfig"]
