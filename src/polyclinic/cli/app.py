"""`polyclinic VERB ...`.

Exit codes: 0 done; 1 another error, such as a full disk; 2 wrong command or setting; 3 data that
can't be used; 4 a run directory that can't be used; 5 training can't go on; 6 done, but some
images could not be read (each is a flagged row); 130 interrupted, or told to end.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
import traceback

import typer

from polyclinic import __version__
from polyclinic.cli.failures import DEBUG, failure_of
from polyclinic.cli.interruption import StoppedError, interruptible, left_behind, terminating
from polyclinic.console import PlainConsole, styled

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
    app.command(_verb)(interruptible(getattr(_module, _verb)))


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; what goes wrong ends in one message, never in a traceback.

    With the environment variable POLYCLINIC_DEBUG the traceback stands before the message.
    """
    given = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names may hold what a terminal can't write
            stream.reconfigure(errors="backslashreplace")
    try:
        with terminating():
            code = app(args=arguments, standalone_mode=False)
    except (KeyboardInterrupt, StoppedError, typer.Abort) as stop:
        _complain("; ".join(["interrupted", *left_behind(stop)]), stop)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        failure = failure_of(error, given)
        _complain("; ".join([failure.message, *left_behind(error)]), error)
        sys.exit(failure.code)
    if code == INTERRUPTED:
        _complain("interrupted", KeyboardInterrupt())
    sys.exit(code if isinstance(code, int) else 0)


def _complain(message: str, error: BaseException) -> None:
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    PlainConsole(stderr=True).print(styled(("error", "bold red"), f" {message}"))
