"""Named points of the one object of an image."""

from polyclinic.tasks.points.task import Points, PointsConfig

__all__ = ["Points", "PointsConfig"]
