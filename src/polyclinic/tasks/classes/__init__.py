"""One whole-image label without an order among its values."""

from polyclinic.tasks.classes.task import Classes, ClassesConfig

__all__ = ["Classes", "ClassesConfig"]
