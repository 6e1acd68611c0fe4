import json

import pytest

from polyclinic.atomic import check_writable, replacing, write_bytes, write_json, write_text


def test_a_file_appears_whole(tmp_path):
    path = write_text("first\r\nlast\n", tmp_path / "made" / "a.txt")
    assert path.read_bytes() == b"first\r\nlast\n"
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = write_text("old", tmp_path / "a.txt")
    with pytest.raises(RuntimeError, match="power"):
        _fail_half_way(path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_failure_before_anything_was_written_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError, match="early"), replacing(tmp_path / "a.txt"):
        raise RuntimeError("early")
    assert list(tmp_path.iterdir()) == []


def test_the_old_file_is_there_until_the_end(tmp_path):
    path = write_text("old", tmp_path / "a.txt")
    with replacing(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
        assert part.parent == path.parent
        assert part.suffix == path.suffix
    assert path.read_text() == "new"


def test_json_is_strict(tmp_path):
    path = write_json({"name": "ü", "value": 1.5}, tmp_path / "a.json")
    assert json.loads(path.read_text(encoding="utf-8")) == {"name": "ü", "value": 1.5}
    with pytest.raises(ValueError, match="JSON"):
        write_json({"value": float("nan")}, path)
    assert json.loads(path.read_text(encoding="utf-8"))["value"] == 1.5


def test_bytes_are_written_as_they_are(tmp_path):
    content = bytes(range(256))
    assert write_bytes(content, tmp_path / "a.bin").read_bytes() == content


def _fail_half_way(path):
    with replacing(path) as part:
        part.write_text("half")
        raise RuntimeError("power")


@pytest.mark.parametrize("place", ["folder", "file/a.txt", "file/deep/a.txt", f"{'n' * 300}"])
def test_what_can_not_be_written_is_told_before_the_work(tmp_path, place):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("old")
    with pytest.raises(OSError, match=r"directory|too long"):
        check_writable(tmp_path / place)


def test_a_check_makes_nothing(tmp_path):
    check_writable(tmp_path / "new" / "deep" / "a.txt")
    assert list(tmp_path.iterdir()) == []


def test_the_longest_name_can_be_written(tmp_path):
    name = "ü" * 125 + ".json"
    assert write_text("new", tmp_path / name).read_text() == "new"
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_two_writers_of_one_file_are_told_so(tmp_path):
    path = tmp_path / "a.txt"
    with pytest.raises(OSError, match="another process"):
        _write_beside_another(path)
    assert path.read_text() == "of the other"


def _write_beside_another(path):
    with replacing(path) as part:
        part.write_text("new")
        write_text("of the other", path)
