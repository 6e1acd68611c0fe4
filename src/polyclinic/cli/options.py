"""Options that several verbs share, and the settings that they make."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from polyclinic.config import assignments, merge
from polyclinic.errors import ConfigError
from polyclinic.run_format import migrated_settings
from polyclinic.settings_text import load_settings

Run = Annotated[Path, typer.Argument(help="A run directory, as `fit` and `demo` make it.")]
Data = Annotated[
    Path,
    typer.Option(
        help="Annotated images: a COCO file, a CSV table, or a folder of labelme files or masks."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="A setting, e.g. train.steps=2000; may be given several times."),
]
Trust = Annotated[
    list[str] | None,
    typer.Option(
        metavar="MODULE",
        help="Let a run import this module, which is of no installed package; its code runs. May "
        "be given several times.",
    ),
]
Reference = Annotated[
    str | None,
    typer.Option(
        metavar="one:RATER|majority|each|shared",
        help="What counts where several raters annotated one image: one of them, what most say, "
        "each in turn, or all where each drew other objects. Unless given, the run's own.",
    ),
]


def overrides(file: Path | None, preset: str | None, settings: list[str] | None) -> dict[str, Any]:
    """Merge what the user said.

    Raises:
        ConfigError: the file is missing or no YAML mapping, or a setting is malformed.
    """
    values = {} if file is None else _read(file)
    if preset is not None:
        values = merge(values, {"preset": preset})
    return merge(values, assignments(settings or []))


def _read(file: Path) -> dict[str, Any]:
    try:
        values = load_settings(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"can't be read ({error.strerror})", where=str(file)) from None
    except UnicodeDecodeError:
        raise ConfigError("is no text", expected="YAML in UTF-8", where=str(file)) from None
    except ValueError as error:
        raise ConfigError(f"is no YAML file ({error})", where=str(file)) from None
    if not isinstance(values, dict):
        raise ConfigError("holds no settings", expected="key: value lines", where=str(file))
    current = migrated_settings(values, str(file))  # a run's own file has the number of its format
    return {key: value for key, value in current.items() if key != "recipe"}
