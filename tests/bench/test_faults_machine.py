"""After an accident the same command gives the same bits; what runs full says so."""

from __future__ import annotations

import shutil

import pytest
from bench.faults_machine import fill, judged, kill


def test_outcomes_are_told_apart(tmp_path) -> None:
    table = tmp_path / "out" / "read" / "measurements.csv"
    table.parent.mkdir(parents=True)
    table.write_bytes(b"a\n")
    name = "out/read/measurements.csv"
    assert judged({name: b"a\n"}, tmp_path, 0, "") == "same bits"
    assert judged({name: b"b\n"}, tmp_path, 0, "") == f"differs: {name}"
    assert judged({name: b"a\n", "x.csv": b""}, tmp_path, 0, "") == "differs: x.csv"
    assert judged({}, tmp_path, 4, "error no run") == "error 4"
    assert judged({}, tmp_path, 1, "Traceback (most recent call last)") == "traceback"
    assert judged({}, tmp_path, None, "hang") == "hang"


@pytest.mark.slow
def test_a_killed_command_ends_as_one_that_was_not() -> None:
    result = kill(5, 0)
    assert result["same_bits"] == result["of"] == 5


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs mount namespaces")
def test_a_full_disk_leaves_no_traceback() -> None:
    result = fill(1, 0)
    assert result["of"] == 5
    assert not any(row["traceback"] for row in result["fills"])
