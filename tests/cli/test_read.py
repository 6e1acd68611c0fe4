"""Reading through the command line: what is said, resumed and refused."""

from __future__ import annotations

import pytest
from rich.console import Console

from polyclinic.cli.progress import LINE_EVERY_S, ImageLines
from polyclinic.runtime.reader import Reader


@pytest.fixture
def images(phantoms):
    return phantoms.parent / "images"


@pytest.fixture
def stopped(polyclinic, toy_run, images, tmp_path, monkeypatch):
    """The folder of a read that was interrupted after some images."""
    plain, seen = Reader.read_batch, []

    def interrupted(self, samples):
        seen.extend(samples)
        if len(seen) > 5:
            raise KeyboardInterrupt
        return plain(self, samples)

    with monkeypatch.context() as patched:
        patched.setattr(Reader, "read_batch", interrupted)
        code, _, _ = polyclinic(
            "read", toy_run, images, "--out", tmp_path / "out", "--batch-size", 1
        )
    assert code == 130
    return tmp_path / "out"


def test_the_same_command_goes_on(polyclinic, toy_run, images, stopped):
    code, out, _ = polyclinic("read", toy_run, images, "--out", stopped)
    assert code == 0
    assert "read 8 of 8 images" in out
    assert "were read before" in out
    assert len(list((stopped / "overlays").iterdir())) == 8
    assert not (stopped / ".reading").exists()


def test_another_command_is_refused(polyclinic, toy_run, images, stopped):
    code, _, err = polyclinic("read", toy_run, images, "--out", stopped, "--format", "csv")
    assert code == 4
    assert "--format csv instead of coco,csv,overlay,restored" in err
    assert "--fresh" in err
    code, out, _ = polyclinic(
        "read", toy_run, images, "--out", stopped, "--format", "csv", "--fresh"
    )
    assert code == 0
    assert "read 8 of 8 images" in out
    assert "before" not in out


def test_what_a_folder_holds_besides_is_counted_and_told(polyclinic, toy_run, images, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "linked").symlink_to(images)
    first = min(images.iterdir())
    (folder / "scan").write_bytes(first.read_bytes())
    for number in range(4):
        (folder / f"{number}.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(range(256)))
    code, out, _ = polyclinic("read", toy_run, folder, "--out", tmp_path / "out", "--format", "csv")
    assert code == 0
    assert "read 9 of 9 images" in out
    assert "passed over: 4 .heic (0.heic, 1.heic, 2.heic, ...)" in out


def test_many_bad_files_are_told_in_few_lines(polyclinic, toy_run, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.png").write_text("[red]no picture[/]")
    code, out, _ = polyclinic("read", toy_run, folder, "--out", tmp_path / "out")
    assert code == 6
    assert out.count("not read") == 21
    assert "10 more images" in out
    assert "read 0 of 30 images" in out


def test_lines_are_printed_now_and_then(capsys):
    clock = iter([0.0, *(10.0 * step for step in range(1, 8))])
    lines = ImageLines(Console(highlight=False), clock=lambda: next(clock))
    for done in (100, 110, 120, 130, 140, 150, 160):
        lines(done, 1160)
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "120 of 1,160 images, 1.0 images/s, 17 min left",
        "150 of 1,160 images, 1.0 images/s, 17 min left",
    ]
    assert LINE_EVERY_S == 30
