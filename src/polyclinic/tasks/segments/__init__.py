"""One region a class, over the whole image."""

from polyclinic.tasks.segments.task import Segments, SegmentsConfig

__all__ = ["Segments", "SegmentsConfig"]
