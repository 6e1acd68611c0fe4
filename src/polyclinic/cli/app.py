"""`polyclinic VERB ...`.

Exit codes: 0 done; 1 another error of ours; 2 wrong command or setting; 3 data that can't be
used; 4 a run directory that can't be used; 5 training can't go on; 6 done, but some images could
not be read (each is a flagged row); 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import sys

import typer
from rich.console import Console

from polyclinic import __version__
from polyclinic.errors import PolyclinicError

VERBS = ("demo", "recipes", "check", "fit", "calibrate", "evaluate", "read", "export", "doctor")
"""One module of this package each, with a function of the same name."""

INTERRUPTED = 130

# Threads that wait by spinning starve each other as soon as anything else runs on the machine;
# threads that never spin are slower on a quiet one. So: spin for some microseconds, then sleep.
# OpenMP reads this when torch is imported, which the verbs do.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "20000")

app = typer.Typer(
    help="Train, check and run multi-task readers of medical images.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.callback(invoke_without_command=True)
def _root(
    version: bool = typer.Option(False, "--version", help="Print the version and leave."),
) -> None:
    if version:
        typer.echo(f"polyclinic {__version__}")
        raise typer.Exit


for _verb in VERBS:
    _module = importlib.import_module(f"polyclinic.cli.{_verb}")
    app.command(_verb)(getattr(_module, _verb))


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors that a user can mend end in one message, never a traceback."""
    try:
        code = app(args=arguments, standalone_mode=False)
    except PolyclinicError as error:
        _complain(str(error))
        sys.exit(error.exit_code)
    except typer.TyperException as error:
        _complain(f"{error.format_message()}\ntry: polyclinic {_verb_of(arguments)}--help")
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        _complain("interrupted; what was finished is kept")
        sys.exit(INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)


def _verb_of(arguments: list[str] | None) -> str:
    given = sys.argv[1:] if arguments is None else arguments
    return f"{given[0]} " if given and given[0] in VERBS else ""


def _complain(message: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"[bold red]error[/] {message.replace('[', chr(92) + '[')}"
    )
