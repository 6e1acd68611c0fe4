from __future__ import annotations

from io import StringIO

from rich.console import Console

from polyclinic.training.progress import reporting


def _said(steps, *, terminal):
    out = StringIO()
    console = Console(file=out, force_terminal=terminal, width=100)
    with reporting(console) as report:
        for step in range(1, steps + 1):
            report(step=step, share=step / 10, left=95.0, loss=1.25, speed=7.5)
    return out.getvalue()


def test_a_terminal_gets_a_bar():
    said = _said(5, terminal=True)
    assert "50%" in said
    assert "loss 1.250, 7.5 images/s, 0:01:35 left" in said


def test_elsewhere_quiet_until_half_a_minute_has_passed(monkeypatch):
    assert _said(5, terminal=False) == ""
    seconds = iter(range(0, 1000, 20))
    monkeypatch.setattr("time.monotonic", lambda: next(seconds))
    lines = _said(5, terminal=False).splitlines()
    assert len(lines) == 2
    assert lines[0] == "training  20% step 2, loss 1.250, 7.5 images/s, 0:01:35 left"


def test_the_end_is_always_said():
    assert _said(10, terminal=False).startswith("training 100% step 10")
