"""What is put together from chunks is, byte by byte, what is written of all readings at once."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polyclinic.errors import DataError
from polyclinic.reading import Reading
from polyclinic.runtime.engines.record import Record
from polyclinic.runtime.outputs import write_readings
from polyclinic.runtime.stream.assemble import MOST_ERRORS, assemble
from tests.runtime.stored.readings import several_readings
from tests.runtime.stream.seeing import files_of

BOTH = frozenset({"coco", "csv"})
FORMATS = [BOTH, frozenset({"coco"}), frozenset({"csv"}), frozenset()]


def record(readings, formats=BOTH):
    """As it comes back from disk."""
    return Record.unpacked(Record.of(readings, formats, restored=0).packed())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(readings=several_readings(), formats=st.sampled_from(FORMATS), data=st.data())
def test_any_chunks_give_the_same_bytes(tmp_path_factory, readings, formats, data):
    folder = tmp_path_factory.mktemp("assembled")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(readings)), max_size=3)))
    bounds = zip([0, *cuts], [*cuts, len(readings)], strict=True)
    chunks = [record(readings[first:stop], formats) for first, stop in bounds]
    for name in ("once", "parts", "scratch"):
        (folder / name).mkdir()
    once = write_readings(readings, folder / "once", formats)
    done = assemble(chunks, folder / "parts", formats, scratch=folder / "scratch")
    assert files_of(folder / "parts") == files_of(folder / "once")
    assert [path.name for path in done.written] == [path.name for path in once]
    assert (done.images, done.unread) == (
        len(readings),
        sum(one.error is not None for one in readings),
    )


def test_patients_keep_their_order_and_their_images(tmp_path):
    stated = [(7, "b"), ("x", "a"), (1, "b"), (2, None), (3, "c"), (4, "a")]
    readings = [
        Reading(image_id=image, size=(4, 4), patient_id=patient, findings={"ill": {"yes": 0.1 * k}})
        for k, (image, patient) in enumerate(stated)
    ]
    for name in ("once", "parts", "scratch"):
        (tmp_path / name).mkdir()
    write_readings(readings, tmp_path / "once", BOTH)
    chunks = [record([one]) for one in readings]
    assemble(chunks, tmp_path / "parts", BOTH, scratch=tmp_path / "scratch")
    assert files_of(tmp_path / "parts") == files_of(tmp_path / "once")


def test_only_the_first_errors_are_kept(tmp_path):
    bad = [Reading(image_id=k, size=(0, 0), error=f"bad {k}") for k in range(50)]
    done = assemble([record(bad[:30]), record(bad[30:])], tmp_path, frozenset(), scratch=tmp_path)
    assert done.errors == [f"bad {k}" for k in range(MOST_ERRORS)]
    assert done.unread == 50


def test_chunks_of_different_readers_are_refused(tmp_path):
    chunks = [record([Reading(image_id=k, size=(4, 4), classes=(k,))]) for k in "ab"]
    with pytest.raises(DataError, match="different classes"):
        assemble(chunks, tmp_path, BOTH, scratch=tmp_path)
