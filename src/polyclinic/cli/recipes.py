"""`polyclinic recipes`: what can be trained."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from polyclinic.cli.console import make_console


def recipes(
    show: Annotated[
        str | None, typer.Option("--show", help="Print all settings of one recipe as YAML.")
    ] = None,
    preset: Annotated[str, typer.Option(help="The preset to show.")] = "small",
) -> None:
    """List the recipes, or print the settings of one."""
    from polyclinic.recipes.find import find_recipe, recipe_names

    if show is not None:
        typer.echo(find_recipe(show).resolve({"preset": preset}, show).to_yaml(), nl=False)
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("recipe", "reads", "presets", "published as"):
        table.add_column(heading)
    for name in sorted(recipe_names()):
        recipe = find_recipe(name)
        table.add_row(name, recipe.summary, ", ".join(recipe.presets), recipe.source)
    make_console().print(table)
