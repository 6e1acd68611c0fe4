"""What a reader says does not depend on how it is asked."""

import numpy as np
import pytest
import torch
from PIL import Image

import polyclinic
from polyclinic.data import read_image
from polyclinic.errors import DataError, ImageError
from polyclinic.runtime.inputs import samples_from
from polyclinic.runtime.outputs import write_overlay, write_readings
from polyclinic.sample import Sample, Spacing


@pytest.fixture(scope="module")
def reader(run):
    reader = polyclinic.load(run)
    reader.accept = 0.05
    return reader


def same(first, second):
    assert len(first.instances) == len(second.instances)
    for mine, theirs in zip(first.instances, second.instances, strict=True):
        assert np.allclose(mine.box, theirs.box, atol=1e-3)
        assert mine.category == theirs.category
        assert mine.score == pytest.approx(theirs.score, abs=1e-5)
        assert (mine.mask is None) == (theirs.mask is None)
        if mine.mask is not None:
            assert mine.mask.iou(theirs.mask) > 0.98


def test_file_pixels_and_sample_read_alike(reader, phantoms):
    file = min((phantoms.parent / "images").iterdir())
    pixels = read_image(file)
    from_file = reader.read(str(file))
    assert from_file.instances, "the reader must say something for this test to mean anything"
    same(from_file, reader.read(pixels))
    sample = Sample(image_id=7, size=pixels.shape[:2], image=pixels)
    assert reader.read(sample).image_id == 7
    same(from_file, reader.read(sample))


def test_neighbours_change_nothing(reader, phantoms):
    files = sorted((phantoms.parent / "images").iterdir())
    pixels = [read_image(file) for file in files]
    images = [pixels[0], pixels[1][:150], pixels[2], pixels[3][:, :200]]
    samples = [Sample(image_id=i, size=p.shape[:2], image=p) for i, p in enumerate(images)]
    together = list(reader.read_each(samples, batch_size=4))
    for sample, reading in zip(samples, together, strict=True):
        assert reading.image_id == sample.image_id
        same(reader.read(sample), reading)


def test_spacing_decides_the_unit(reader, phantoms):
    file = min((phantoms.parent / "images").iterdir())
    made = [m for m in reader.read(file).measurements if m.value is not None]
    assert {m.unit for m in made} & {"um", "1/mm"} == set()
    scaled = reader.read(file, spacing=Spacing.square(0.0068, "assumed"))
    density = next(m for m in scaled.measurements if m.name == "density")
    assert density.unit == "1/mm"
    assert density.scale_source == "assumed"


def test_a_broken_file_does_not_stop_the_rest(reader, phantoms, tmp_path):
    good = min((phantoms.parent / "images").iterdir())
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    samples = samples_from([bad, good])
    first, second = reader.read_each(samples)
    assert "text file" in first.error
    assert second.error is None
    with pytest.raises(ImageError, match="text file"):
        reader.read(bad)
    with pytest.raises(ImageError, match="uint8"):
        reader.read(np.zeros((40, 40), np.float32))


def test_readings_beside_the_pixels_that_were_read(reader, phantoms, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    files = [*sorted((phantoms.parent / "images").iterdir())[:3], bad]
    pairs = list(reader.read_beside(samples_from(files), batch_size=2))
    assert [sample.file for sample, _ in pairs] == [str(file) for file in files]
    for sample, reading in pairs[:3]:
        assert reading.file == sample.file
        assert np.array_equal(sample.pixels, read_image(sample.file))
    assert pairs[3][0].image is None
    assert "text file" in pairs[3][1].error


def test_inputs(phantoms, tmp_path):
    folder = phantoms.parent / "images"
    assert len(samples_from([folder])) == 4
    cohort = samples_from([phantoms])
    assert cohort[0].patient_id == "p001"
    assert cohort[0].spacing.origin == "calibrated"
    both = samples_from([folder, phantoms])
    assert {s.spacing.origin for s in both} == {"unknown", "calibrated"}
    with pytest.raises(DataError, match="no image"):
        samples_from([tmp_path])


def test_outputs(reader, phantoms, tmp_path):
    readings = list(reader.read_each(samples_from([phantoms])))
    written = write_readings(readings, tmp_path, ["coco", "csv"])
    assert [path.name for path in written] == ["readings.json", "measurements.csv"]
    pixels = read_image(readings[0].file)
    path = write_overlay(pixels, readings[0], tmp_path / "overlays")
    assert path.name == "p001_01-1.jpg"
    with Image.open(path) as overlay:
        assert overlay.size[0] >= 256
    again = polyclinic.open_cohort(tmp_path / "readings.json")
    assert [len(s.instances) for s in again.samples] == [len(r.instances) for r in readings]


@pytest.mark.parametrize(
    "name", ["encoder", "pyramid", "tasks.instances.head.classes", "tasks.instances.proposals"]
)
def test_a_network_that_says_no_numbers_reads_nothing_and_names_the_image(run, phantoms, name):
    """Of two images in one pass each is named."""
    reader = polyclinic.load(run)
    with torch.no_grad():
        for key, one in reader.network.named_parameters():
            if key.startswith(name):
                one[..., 0] = np.nan
    files = sorted((phantoms.parent / "images").iterdir())[:2]
    samples = [Sample(image_id=i, size=(0, 0), file=str(file)) for i, file in enumerate(files)]
    for sample, reading in zip(samples, reader.read_each(samples), strict=True):
        assert reading.instances is None
        assert "not finite" in reading.error
        assert sample.file in reading.error
