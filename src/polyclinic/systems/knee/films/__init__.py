"""Films of one or two knees, and the square views that networks look at."""

from polyclinic.systems.knee.films.cells import HalfCells
from polyclinic.systems.knee.films.views import knee_views, locate_views
from polyclinic.systems.knee.films.window import (
    FilmConfig,
    Half,
    Window,
    half_window,
    halves_of,
    knee_window,
)

__all__ = [
    "FilmConfig",
    "Half",
    "HalfCells",
    "Window",
    "half_window",
    "halves_of",
    "knee_views",
    "knee_window",
    "locate_views",
]
