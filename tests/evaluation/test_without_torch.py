"""Stored readings are judged, and the report written, without torch and its 0.7 GB."""

import json
import subprocess
import sys

from tests.evaluation.stored import write_cohort, write_readings

SCRIPT = """
import sys
from polyclinic.cli.app import app
app(["evaluate", *sys.argv[1:]], standalone_mode=False)
sys.exit("torch was imported" if "torch" in sys.modules else 0)
"""


def test_stored_readings_are_judged_without_torch(tmp_path):
    data = write_cohort(tmp_path, patients=4)
    first = write_readings(data, tmp_path / "first.json", seed=1)
    second = write_readings(data, tmp_path / "second.json", seed=2)
    words = [first, second, "--data", data, "--out", tmp_path / "out"]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, words)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["comparison"]
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000
