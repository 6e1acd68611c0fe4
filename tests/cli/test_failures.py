"""What goes wrong outside of polyclinic ends in a sentence and an exit code."""

import errno
import os
import signal
from pathlib import Path

import pytest

from polyclinic.cli import app as command
from polyclinic.cli.failures import failure_of
from polyclinic.cli.interruption import Counted, kept_training, leaving, terminating


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException
) -> tuple[int, str]:
    """Exit code and message of a command that ends in an exception."""

    def broken(**_: object) -> None:
        raise error

    monkeypatch.setattr(command, "app", broken)
    with pytest.raises(SystemExit) as left:
        command.main(["fit", "nailfold", "--data", "d", "--out", "runs/x"])
    return int(left.value.code or 0), capsys.readouterr().err


@pytest.mark.parametrize(
    "number", [errno.EACCES, errno.ENOSPC, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG,
               errno.EROFS, errno.ENOENT, errno.EIO]
)  # fmt: skip
def test_os_error_names_path_reason_and_what_to_do(monkeypatch, capsys, number: int) -> None:
    code, said = run(monkeypatch, capsys, OSError(number, os.strerror(number), "/some/[/x] place"))
    assert code == 1
    assert "/some/[/x] place: " in said
    assert os.strerror(number).lower() in said.lower()
    assert ";" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("place", "arguments", "code"),
    [
        ("d/a.json", ["fit", "nailfold", "--data", "d", "--out", "x"], 3),
        ("x/config.yaml", ["fit", "nailfold", "--data=d", "--out=x"], 4),
        ("d/a.png", ["read", "r", "d", "--out", "x"], 3),
        ("r/calibration.json", ["read", "r", "d", "--out", "x"], 4),
        ("d/a.png", ["check", "d"], 3),
        ("/elsewhere", ["check", "d"], 1),
    ],
)
def test_exit_code_says_whose_file_it_was(place: str, arguments: list[str], code: int) -> None:
    assert failure_of(PermissionError(errno.EACCES, "denied", place), arguments).code == code


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
def test_memory_that_does_not_suffice_is_said(monkeypatch, capsys, error: Exception) -> None:
    code, said = run(monkeypatch, capsys, error)
    assert code == 1
    assert "memory does not suffice" in said


def test_what_is_not_expected_asks_for_a_report(monkeypatch, capsys) -> None:
    code, said = run(monkeypatch, capsys, KeyError("[/x]"))
    assert code == 1
    assert "KeyError: '[/x]'" in said
    assert "please report it" in said
    assert "POLYCLINIC_DEBUG=1" in said
    assert "Traceback" not in said
    monkeypatch.setenv("POLYCLINIC_DEBUG", "1")
    _, said = run(monkeypatch, capsys, KeyError("[/x]"))
    assert "Traceback" in said


def test_interruption_says_what_is_kept(monkeypatch, capsys) -> None:
    counted = Counted(lambda done, total: None)
    counted(3, 8)
    with pytest.raises(KeyboardInterrupt) as stop, leaving(counted.kept):
        raise KeyboardInterrupt
    code, said = run(monkeypatch, capsys, stop.value)
    assert code == 130
    assert "3 of 8 images" in said


def test_sigterm_is_an_interruption() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), terminating():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before


def test_kept_training_names_steps_and_the_command_that_goes_on(tmp_path: Path) -> None:
    words = ["polyclinic", "fit", "nailfold", "--out", "runs/my run"]
    assert "begins anew" in kept_training(tmp_path, words)
    (tmp_path / "config.yaml").write_text("")
    assert "--resume" in kept_training(tmp_path, words)
    (tmp_path / "fold-1").mkdir()
    (tmp_path / "fold-1" / "state.json").write_text('{"step": 1500}')
    (tmp_path / "fold-2").mkdir()
    (tmp_path / "fold-2" / "state.json").write_text("{")
    said = kept_training(tmp_path, words)
    assert "1,500 steps of fold-1" in said
    assert said.endswith("polyclinic fit nailfold --out 'runs/my run' --resume")


def test_a_stopped_training_names_its_steps(monkeypatch, capsys, tmp_path: Path) -> None:
    out = tmp_path / "run"
    out.mkdir()
    (out / "state.json").write_text('{"step": 40}')

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("polyclinic.fitting.fit.fit", stopped)
    words = ["fit", "nailfold", "--data", "d", "--out", str(out)]
    monkeypatch.setattr("sys.argv", ["polyclinic", *words])
    with pytest.raises(SystemExit) as left:
        command.main()
    assert left.value.code == 130
    said = " ".join(capsys.readouterr().err.split())
    assert f"interrupted; kept: 40 steps; go on with: polyclinic {' '.join(words)} --resume" in said


def test_a_stopped_evaluation_keeps_nothing(monkeypatch, capsys) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("polyclinic.evaluation.evaluate.evaluate", stopped)
    with pytest.raises(SystemExit) as left:
        command.main(["evaluate", "run", "--data", "d"])
    assert left.value.code == 130
    assert "nothing of it is kept" in capsys.readouterr().err
