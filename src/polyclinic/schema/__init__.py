"""What the numbers of an annotation mean."""

from polyclinic.schema.landmark_schema import LandmarkSchema
from polyclinic.schema.nailfold import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS

__all__ = ["NAILFOLD_CLASSES", "NAILFOLD_LANDMARKS", "LandmarkSchema"]
