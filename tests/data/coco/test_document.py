"""JSON that Python's parser lets through, or leaves with an error of its own, is refused."""

import pytest

from polyclinic.data.coco.document import read_json
from polyclinic.errors import DataError


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1, "b": 2, "a": 3}', "the key 'a' twice"),
        ('{"images": [{"id": 1, "id": 1}]}', "the key 'id' twice"),
        ('{"a": ' + "9" * 5000 + "}", "a number that is too long"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": 1', "is no JSON"),
        ('{"a": "\x00"}', "is no JSON"),
        ("", "is no JSON"),
    ],
)
def test_documents_that_can_not_be_trusted(tmp_path, text, said):
    file = tmp_path / "one.json"
    file.write_text(text)
    with pytest.raises(DataError, match=said):
        read_json(file)


def test_the_hook_sees_each_object_and_a_mark_of_byte_order_is_skipped(tmp_path):
    file = tmp_path / "one.json"
    file.write_text('{"a": {"b": 1}}', encoding="utf-8-sig")
    assert read_json(file) == {"a": {"b": 1}}
    assert read_json(file, lambda row: {"n": len(row)}) == {"n": 1}
