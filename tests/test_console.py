"""Names are printed as they are, whatever they hold."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

import polyclinic
from polyclinic.console import PlainConsole, note, styled, visible

NAMES = ["[/x]", "[b]", "[bold]x[/bold]", ":smile:", "[link=http://x]y", "\\[b]", "a[0]"]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_no_markup_in_lines_tables_and_rules(name: str) -> None:
    said = io.StringIO()
    console = PlainConsole(file=said, width=60)
    table = Table("a", name, title=name)
    table.add_row(name, styled((name, "bold")))
    console.print(name)
    console.print(note(name))
    console.print(table)
    console.rule(name)
    assert said.getvalue().count(name) == 7


@pytest.mark.parametrize("name", NAMES)
def test_what_recipes_print_is_no_markup_on_any_console(name: str) -> None:
    said = io.StringIO()
    Console(file=said, width=60).print(note(name))
    assert said.getvalue() == f"note {name}\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\rb", "a\\rb"),
        ("a\x00b", "a\\x00b"),
        ("a\x9bb", "a\\x9bb"),
        ("\u202egnp", "\\u202egnp"),
        ("\udc80", "\\udc80"),
        ("Gelenkspalt µm 関節\n\tz", "Gelenkspalt µm 関節\n\tz"),
    ],
)
def test_control_characters_are_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_no_source_uses_markup() -> None:
    source = Path(polyclinic.__file__).parent
    style = re.compile(r"\[/?(bold|red|yellow|green|dim|cyan)[^\]\"']*\]|\[/\]|rich\.markup")
    faulty = [
        f"{file}:{number}"
        for file in source.rglob("*.py")
        if file.name != "console.py"
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if style.search(line)
    ]
    assert faulty == []
