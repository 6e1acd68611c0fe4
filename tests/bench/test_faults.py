"""Damage is repeatable and of the structure where there is one; the bench runs, tiny."""

from __future__ import annotations

import json
import random
import zlib
from pathlib import Path

import pytest
from bench.faults import PNG, Bench, _sums_hold
from bench.faults_inputs import subjects
from bench.faults_mutations import damage


def test_the_same_number_damages_the_same_way() -> None:
    content = json.dumps({"a": [1, 2, {"b": "text"}], "c": 0.5}).encode()
    for number in range(100):
        one, other = (damage(content, "json", random.Random(number)) for _ in range(2))
        assert one == other


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("json", b'{"images": [{"id": 1, "file_name": "a.png"}], "annotations": []}'),
        ("yaml", b"train:\n  steps: 5\nclasses: [a, b]\n"),
        ("csv", b"image,label\na.png,x\nb.png,y\n"),
        ("bytes", bytes(range(256))),
    ],
)
def test_most_damage_changes_something(kind: str, content: bytes) -> None:
    damaged = [damage(content, kind, random.Random(number)) for number in range(200)]
    assert sum(one != content for one in damaged) > 150
    assert len(set(damaged)) > 60


def test_checksums_of_chunks_tell_damage() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    whole = PNG + chunk(b"IHDR", b"head") + chunk(b"IDAT", b"pixels") + chunk(b"IEND", b"")
    assert _sums_hold(whole)
    assert _sums_hold(whole + b"more")
    assert not _sums_hold(whole.replace(b"pixels", b"pixelS"))
    assert not _sums_hold(whole[:-12])


@pytest.mark.slow
def test_damaged_inputs_end_in_words(tmp_path: Path) -> None:
    bench = Bench(subjects(tmp_path / "base"), tmp_path, seed=7)
    for number in range(60):
        bench.one(number)
    bench.worker.close()
    assert bench.result()["faults"] == []
