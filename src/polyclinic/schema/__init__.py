"""What the numbers of an annotation mean."""

from polyclinic.schema.landmark_schema import LandmarkSchema

__all__ = ["LandmarkSchema"]
