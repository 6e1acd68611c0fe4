"""Named points of each instance."""

from polyclinic.tasks.landmarks.task import Landmarks, LandmarksConfig

__all__ = ["Landmarks", "LandmarksConfig"]
