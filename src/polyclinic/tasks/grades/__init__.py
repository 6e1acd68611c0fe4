"""One whole-image label whose values are grades: whole numbers in their order."""

from polyclinic.tasks.grades.task import Grades, GradesConfig

__all__ = ["Grades", "GradesConfig"]
