"""Files that are whole are opened; others are refused in words."""

import hashlib
import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polyclinic.errors import PolyclinicError, RunError
from polyclinic.runtime.exported import is_exported, open_exported
from polyclinic.runtime.exported.container import Container, write_container

DOCUMENT = {"runtime": "onnxruntime", "reader": {"kind": "network"}}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    file = tmp_path_factory.mktemp("files") / "one.polyclinic"
    return write_container(file, DOCUMENT, {"whole.onnx": b"graph" * 50})


def written(folder, content):
    """A zip whose reader.json says something else."""
    with zipfile.ZipFile(folder / "other.polyclinic", "w") as file:
        file.writestr("reader.json", content)
    return folder / "other.polyclinic"


def test_what_was_put_in_comes_out(path):
    container = Container(path)
    checksum = hashlib.sha256(b"graph" * 50).hexdigest()
    assert container.document == {"format": 3, **DOCUMENT, "sha256": {"whole.onnx": checksum}}
    assert container.graph("whole.onnx") == b"graph" * 50
    assert is_exported(path)


def test_a_missing_graph_is_named(path):
    with pytest.raises(RunError, match=r"one\.polyclinic: .*masks\.onnx"):
        Container(path).graph("masks.onnx")


def test_a_graph_that_was_changed_is_refused_and_one_of_an_earlier_version_is_taken(path, tmp_path):
    """The zip's own checksum is right again: somebody wrote the member anew."""
    document = Container(path).document
    for name, said in (("new", document), ("old", {**document, "sha256": {}})):
        with zipfile.ZipFile(tmp_path / f"{name}.polyclinic", "w") as file:
            file.writestr("reader.json", json.dumps(said))
            file.writestr("whole.onnx", b"Graph" * 50)
    with pytest.raises(RunError, match=r"new\.polyclinic.*whole\.onnx.*checksum"):
        Container(tmp_path / "new.polyclinic").graph("whole.onnx")
    assert Container(tmp_path / "old.polyclinic").graph("whole.onnx") == b"Graph" * 50


def test_a_missing_file_is_missing(tmp_path):
    assert is_exported(tmp_path / "none.polyclinic")
    with pytest.raises(RunError, match="no such file"):
        Container(tmp_path / "none.polyclinic")


def test_a_run_directory_is_none(tmp_path):
    assert not is_exported(tmp_path)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(RunError, match=r"is no exported reader.*expected a file that polyclinic"):
        Container(tmp_path / "notes.txt")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is damaged"),
        ("[1]", "is damaged"),
        (b"\xff\xfe", "is damaged"),
        (json.dumps({"format": 1, **DOCUMENT}), "has the format 1; expected 3"),
        (json.dumps(DOCUMENT), "has the format None"),
        (json.dumps({"format": 3, "reader": {}}), "lacks 'runtime'"),
        (json.dumps({"format": 3, "runtime": "onnxruntime"}), "lacks 'reader'"),
    ],
)
def test_what_reader_json_must_say(tmp_path, content, said):
    with pytest.raises(RunError, match=said):
        Container(written(tmp_path, content))


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        ({}, "tells of a None"),
        ({"kind": "oracle"}, "'oracle'"),
        ({"kind": "films"}, "lacks 'locate'"),
    ],
)
def test_readers_that_are_not_known(tmp_path, reader, said):
    document = {"format": 3, "runtime": "onnxruntime", "reader": reader}
    with pytest.raises(RunError, match=said):
        open_exported(written(tmp_path, json.dumps(document)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_changed_bytes_are_noticed_or_change_nothing(path, tmp_path, data):
    content = bytearray(path.read_bytes())
    cut = data.draw(st.integers(0, len(content)))
    if data.draw(st.booleans()):
        content = content[:cut]
    else:
        content[cut : cut + 3] = data.draw(st.binary(min_size=3, max_size=3))
    changed = tmp_path / "changed.polyclinic"
    changed.write_bytes(content)
    try:
        container = Container(changed)
        graph = container.graph("whole.onnx")
    except PolyclinicError:
        return
    assert container.document == Container(path).document
    assert graph == b"graph" * 50


def test_nothing_is_left_of_a_write_that_failed(tmp_path):
    with pytest.raises(TypeError):
        write_container(tmp_path / "one.polyclinic", {"runtime": object()}, {})
    assert not list(tmp_path.iterdir())
