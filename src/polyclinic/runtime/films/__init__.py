"""Films of knees, read in two stages."""

from polyclinic.runtime.films.reader import FilmReader

__all__ = ["FilmReader"]
