"""Text in a terminal as it is: names of files, classes and patients are never markup.

Whatever is printed goes through `PlainConsole` or `styled`; rich's markup is used nowhere, since
a class may be called `[/x]` and a file may hold an escape sequence in its name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.text import Text

ProgressCallback = Callable[[int, int], None]
"""Told how many of how many are done."""
MessageCallback = Callable[[str], None]
"""Told what users should know."""

_UNSEEN = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode categories of controls, lone surrogates and separators of lines."""
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Controls of the direction of writing, which show a name in another order than it has."""


def visible(text: str) -> str:
    """The text with control characters as escapes of Python; line ends and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_written(one) for one in text)


def _written(one: str) -> str:
    if one in "\n\t" or (unicodedata.category(one) not in _UNSEEN and one not in _TURNING):
        return one
    return one.encode("unicode_escape").decode("ascii")


def styled(*parts: str | tuple[str, str]) -> Text:
    """Text of which some parts have a style; nothing in it is markup, on any console.

    Args:
        parts: texts, or pairs of text and style.
    """
    return Text.assemble(
        *(visible(part) if isinstance(part, str) else (visible(part[0]), part[1]) for part in parts)
    )


def note(text: str) -> Text:
    """A line that begins with `note`."""
    return styled(("note", "yellow"), f" {text}")


class PlainConsole(Console):
    """A console that prints texts as they are: no markup, no emoji codes, no colours by guessing.

    It holds for lines, cells and titles of tables, and rules alike. Lines are broken where the
    text breaks them. Arguments are those of rich's console.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, soft_wrap=True, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Text to show for a string."""
        return super().render_str(visible(text), **options)
