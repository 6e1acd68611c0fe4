"""Where the verbs print."""

from __future__ import annotations

import sys

from rich.console import Console

WIDTH = 130
"""Columns of tables in files and pipes, which have no width of their own."""


def make_console() -> Console:
    """A console that colours nothing by guessing and breaks no line of its own accord."""
    width = None if sys.stdout.isatty() else WIDTH
    return Console(highlight=False, soft_wrap=True, width=width)
