"""Where the verbs print."""

from __future__ import annotations

import sys

from polyclinic.console import PlainConsole

WIDTH = 130
"""Columns of tables in files and pipes, which have no width of their own."""


def make_console() -> PlainConsole:
    """A console that takes no name for markup and breaks no line of its own accord."""
    return PlainConsole(width=None if sys.stdout.isatty() else WIDTH)
