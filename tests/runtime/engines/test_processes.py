"""Whatever becomes of the processes, the outputs are those of one."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from polyclinic.errors import RunError
from polyclinic.runtime.engines import Chunk, LocalEngine, ReaderSource
from polyclinic.runtime.engines.attempts import WHY
from polyclinic.runtime.engines.processes import ProcessEngine, pays_off
from polyclinic.runtime.inputs import samples_from
from polyclinic.runtime.stream import read_all
from tests.runtime.stream.seeing import Seeing, draw_images, files_of, job_into, seeing

IMAGES = 14


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return draw_images(tmp_path_factory.mktemp("drawn") / "images", IMAGES, bad=(3,))


@pytest.fixture(scope="module")
def alone(images, tmp_path_factory):
    """What this process gives."""
    folder = tmp_path_factory.mktemp("alone")
    read_all(seeing(folder), samples_from([images]), job_into(folder / "out"), LocalEngine())
    return files_of(folder / "out")


@pytest.fixture(scope="module")
def engine():
    with ProcessEngine(workers=2) as engine:
        yield engine


def open_deadly(path: Path, precision: str | None):
    """A reader whose process dies with one image, as often as a file says."""
    told = json.loads(path.read_text())
    reader = Seeing()
    read_batch = reader.read_batch

    def deadly(samples):
        deaths = len(list(path.parent.glob("death-*")))
        if any(one.image_id == told["image"] for one in samples) and deaths < told["times"]:
            (path.parent / f"death-{deaths}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return read_batch(samples)

    reader.read_batch = deadly
    return reader


def deadly(folder, image, times):
    path = folder / "deadly.json"
    path.write_text(json.dumps({"image": image, "times": times}))
    return ReaderSource(path=path, loader=open_deadly)


def open_refused(path: Path, precision: str | None):
    raise RunError("is not a run", where=str(path))


def read(source, images, out, engine, **job):
    return read_all(source, samples_from([images]), job_into(out, **job), engine)


def test_equal_to_one_process_read_after_read(engine, alone, images, tmp_path):
    source = seeing(tmp_path)
    for name in ("first", "second"):
        read(source, images, tmp_path / name, engine)
        assert files_of(tmp_path / name) == alone
    assert len(psutil.Process().children()) >= engine.workers


def test_other_sizes_of_batches_change_nothing(engine, alone, images, tmp_path):
    read(seeing(tmp_path), images, tmp_path / "out", engine, batch_size=1)
    assert files_of(tmp_path / "out") == alone


def test_a_process_that_dies_is_replaced(alone, images, tmp_path):
    told, source = [], deadly(tmp_path, "0005.png", times=1)
    with ProcessEngine(workers=2, told=told.append) as engine:
        read(source, images, tmp_path / "out", engine)
    assert files_of(tmp_path / "out") == alone
    assert sum("is read again" in line for line in told) == 1


def test_an_image_that_kills_each_time_is_one_flagged_row(alone, images, tmp_path):
    source = deadly(tmp_path, "0005.png", times=99)
    with ProcessEngine(workers=2, attempts=1) as engine:
        outcome = read(source, images, tmp_path / "out", engine)
    assert outcome.outputs.unread == 2
    assert any(WHY in error for error in outcome.outputs.errors)
    pictures = [name for name in files_of(tmp_path / "out") if name.endswith(".jpg")]
    assert len(pictures) == sum(name.endswith(".jpg") for name in alone) - 1


def test_what_a_process_raises_is_raised(images, tmp_path):
    source = ReaderSource(path=tmp_path, loader=open_refused)
    chunk = Chunk(number=0, samples=tuple(samples_from([images])))
    with ProcessEngine(workers=1) as engine, pytest.raises(RunError, match="is not a run"):
        list(engine.read(source, [chunk], job_into(tmp_path / "out")))


SLEEPY = """
import sys
from pathlib import Path
from polyclinic.runtime.engines.processes import ProcessEngine
from polyclinic.runtime.inputs import samples_from
from polyclinic.runtime.stream import read_all
from tests.runtime.stream.seeing import job_into, seeing
if __name__ == "__main__":
    folder, images = map(Path, sys.argv[1:])
    read_all(seeing(folder, 0.2), samples_from([images]), job_into(folder / "out"),
             ProcessEngine(workers=2))
"""


def test_processes_end_with_a_killed_command_and_the_read_goes_on(alone, images, tmp_path):
    script = tmp_path / "sleepy.py"
    script.write_text(SLEEPY)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    said = (tmp_path / "said.txt").open("w")
    command = subprocess.Popen(
        [sys.executable, script, tmp_path, images], env=environment, stderr=said
    )
    processes = wait_for(lambda: _done(tmp_path) and psutil.Process(command.pid).children())
    command.send_signal(signal.SIGKILL)
    command.wait()
    wait_for(lambda: not any(_lives(one) for one in processes))
    said.close()
    assert "Traceback" not in (tmp_path / "said.txt").read_text()
    before = _done(tmp_path)
    outcome = read(seeing(tmp_path, 0.2), images, tmp_path / "out", LocalEngine())
    assert outcome.images < IMAGES
    assert before
    assert files_of(tmp_path / "out") == alone


def _done(folder):
    return len(list((folder / "out" / ".reading" / "chunks").glob("*.json")))


def _lives(process):
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(what, seconds=60):
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)
    return found


@pytest.mark.parametrize(
    ("precision", "images", "pays"),
    [("torch fp32", 10_000, False), ("openvino bf16", 10_000, True), ("openvino bf16", 40, False)],
)
def test_few_images_and_networks_in_torch_stay_in_one_process(precision, images, pays):
    assert pays_off(precision, images) is pays
