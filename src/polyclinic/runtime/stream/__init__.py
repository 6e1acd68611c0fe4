"""Reading any number of images in the memory of a few, and going on after a kill."""

from polyclinic.runtime.stream.read import Outcome, read_all

__all__ = ["Outcome", "read_all"]
