"""What the numbers of an annotation mean."""

from polyclinic.schema.knee import KNEE_CLASSES, KNEE_LANDMARKS
from polyclinic.schema.landmark_schema import LandmarkSchema
from polyclinic.schema.nailfold import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS

__all__ = [
    "KNEE_CLASSES",
    "KNEE_LANDMARKS",
    "NAILFOLD_CLASSES",
    "NAILFOLD_LANDMARKS",
    "LandmarkSchema",
]
