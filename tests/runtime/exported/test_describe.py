"""A reader of another package is exported and opened without a line of polyclinic's."""

from __future__ import annotations

from polyclinic.runtime.export.write import export
from polyclinic.runtime.exported import open_exported
from polyclinic.runtime.reader import Reader
from tests.runtime.exported.readers import KINDS

DIAGNOSE = next(kind for kind in KINDS if kind.name == "diagnose")


class Emphatic(Reader):
    """Flags all that it reads with a word of its own."""

    word = "read"

    def describe(self, keep, prefix):
        return {**super().describe(keep, prefix), "word": self.word}

    @classmethod
    def made(cls, values, open_network):
        reader = super().made(values, open_network)
        reader.word = values["word"]
        return reader


def test_a_reader_of_another_package_is_exported(tmp_path):
    reader = DIAGNOSE.make()
    reader.__class__, reader.word = Emphatic, "twice"
    path = tmp_path / "emphatic.polyclinic"
    export(reader, path, to="onnx")
    opened = open_exported(path)
    assert type(opened) is Emphatic
    assert opened.word == "twice"
    sample = DIAGNOSE.samples[0]
    (mine,), (theirs,) = reader.read_batch([sample]), opened.read_batch([sample])
    assert opened.accept == reader.accept
    assert mine.findings.keys() == theirs.findings.keys() != set()
