"""A run keeps the black and white that its training images taught, and reads by it."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
import tifffile

from polyclinic.data import Cohort
from polyclinic.data.facts import gather_facts
from polyclinic.data.grey import GreyByMaximum
from polyclinic.fitting.describe import describe_model
from polyclinic.recipes.assemble import Assembly, assemble
from polyclinic.recipes.landmarks import Landmarks
from polyclinic.runs.load import load_network
from polyclinic.runtime.ensemble import Ensemble
from polyclinic.runtime.exported.describe import describe, make
from polyclinic.sample import Sample
from polyclinic.training.run_directory import RunDirectory
from tests.runs.test_load import SCHEMA, SETTINGS, annotated

SIZE = (64, 80)


def field(seed: int, black: int = 100, white: int = 900):
    noise = np.random.default_rng(seed).random(SIZE).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    return (black + (smooth - smooth.min()) / np.ptp(smooth) * (white - black)).astype(np.uint16)


def write(path, pixels):
    tifffile.imwrite(path, pixels, photometric="minisblack", metadata=None)
    return path


@pytest.fixture
def cohort(tmp_path) -> Cohort:
    files = [write(tmp_path / f"{seed}.tif", field(seed)) for seed in range(4)]
    samples = tuple(Sample(image_id=one.name, size=SIZE, file=str(one)) for one in files)
    return Cohort(samples=samples).with_grey(range(4))


def run_of(folder, cohort, *, old=False):
    """A run of an untrained network."""
    recipe = Landmarks()
    config = recipe.resolve(SETTINGS)
    assembly: Assembly = assemble(recipe, config, gather_facts([annotated()], ("knee",), SCHEMA))
    description = describe_model(recipe, cohort, assembly)
    if old:
        del description["grey"]
    run = RunDirectory.start(folder, config, resume=False)
    run.save_model(assembly.network.state_dict(), description)
    return run.path


def test_a_run_reads_by_what_it_learnt(tmp_path, cohort):
    reader = load_network(run_of(tmp_path / "run", cohort))
    assert reader.grey == cohort.grey
    file = write(tmp_path / "other.tif", field(9))
    seen, reading = next(reader.read_beside([Sample(image_id=1, size=SIZE, file=str(file))]))
    assert (seen.image == cohort.grey.scales["uint16"].to_rgb8(field(9))).all()
    assert not [flag for flag in reading.flags if "brightness" in flag]
    assert (reader.read(file).flags, reader.read(seen).flags) == (reading.flags, reading.flags)


def test_what_is_nearly_black_to_a_run_is_flagged(tmp_path, cohort):
    reader = load_network(run_of(tmp_path / "run", cohort))
    reading = reader.read(write(tmp_path / "dark.tif", field(9, 100, 200)))
    assert [flag for flag in reading.flags if flag.startswith("brightness: ")]


def test_a_run_of_before_goes_by_the_maximum(tmp_path, cohort):
    assert load_network(run_of(tmp_path / "run", cohort, old=True)).grey == GreyByMaximum()


@pytest.mark.parametrize("old", [False, True])
def test_an_exported_reader_keeps_it(tmp_path, cohort, old):
    reader = load_network(run_of(tmp_path / "run", cohort, old=old))
    values = json.loads(json.dumps(describe(reader, lambda one, prefix: {"prefix": prefix})))
    again = make(values, lambda network: reader.predictor)
    assert again.grey == reader.grey


def test_each_member_of_an_ensemble_sees_its_own_brightness(tmp_path, cohort):
    first = load_network(run_of(tmp_path / "first", cohort))
    second = load_network(run_of(tmp_path / "second", cohort.with_grey([0])))
    second.grey = GreyByMaximum()
    seen = []
    for member in (first, second):
        network = member.predictor.predict

        def predict(pixels, accept, network=network):
            seen.append(np.asarray(pixels[0]).max())
            return network(pixels, accept)

        member.predictor.predict = predict
    Ensemble([first, second]).read(cohort.samples[0].file)
    assert seen[0] > 200
    assert seen[1] == np.rint(field(0).max() * (255 / 4095))
