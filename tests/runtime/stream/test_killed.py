"""A read that is killed at any moment, again and again, ends as if it had never been."""

import random
import signal
import subprocess
import sys
import time

import pytest

from polyclinic.runtime.stream.progress import FOLDER
from tests.runtime.stream.seeing import draw_images, files_of

IMAGES, KILLS, PAUSE_S = 48, 5, 0.03
READ = """
import sys
from pathlib import Path
from polyclinic.runtime.engines import LocalEngine
from polyclinic.runtime.inputs import samples_from
from polyclinic.runtime.stream import read_all
from tests.runtime.stream.seeing import job_into, seeing
folder, images, pause, name = sys.argv[1:]
source = seeing(Path(folder), float(pause))
read_all(source, samples_from([Path(images)]), job_into(Path(folder) / name), LocalEngine())
"""


def start(folder, images, name):
    command = [sys.executable, "-c", READ, folder, images, str(PAUSE_S), name]
    return subprocess.Popen(command)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return draw_images(tmp_path_factory.mktemp("drawn") / "images", IMAGES, bad=(3, 40))


@pytest.mark.slow
def test_killed_reads_end_alike(images, tmp_path):
    assert start(tmp_path, images, "whole").wait() == 0
    chance, killed = random.Random(0), 0
    while killed < KILLS:
        read = start(tmp_path, images, "killed")
        wait_for_work(tmp_path / "killed" / FOLDER, read)
        time.sleep(chance.uniform(0, 0.4))
        read.send_signal(signal.SIGKILL)
        if read.wait() == 0:  # it was faster
            break
        killed += 1
    last = start(tmp_path, images, "killed")
    assert last.wait() == 0
    assert killed
    assert files_of(tmp_path / "killed") == files_of(tmp_path / "whole")


def wait_for_work(progress, read):
    """Until the process has done a chunk."""
    before = chunks(progress)
    while read.poll() is None and chunks(progress) <= before:
        time.sleep(0.01)


def chunks(progress):
    return len(list(progress.glob("chunks/*.json")))
