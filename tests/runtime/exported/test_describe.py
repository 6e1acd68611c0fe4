"""Readers as plain values, and back."""

import json

import pytest

from polyclinic.errors import ConfigError, RunError
from polyclinic.runs.load import load
from polyclinic.runtime.calibration import Calibration
from polyclinic.runtime.ensemble import Ensemble
from polyclinic.runtime.exported.describe import describe, make
from tests.runtime.exported.readers import DIAGNOSE, FILMS, film_reader, reader_of


class Kept:
    """Keeps networks aside, and gives them back by the names under which they were kept."""

    def __init__(self):
        self.predictors = {}

    def keep(self, reader, prefix):
        assert prefix not in self.predictors
        self.predictors[prefix] = reader.predictor
        return {"prefix": prefix}

    def open(self, network):
        return self.predictors[network["prefix"]]


def there_and_back(reader):
    kept = Kept()
    values = json.loads(json.dumps(describe(reader, kept.keep)))
    again = make(values, kept.open)
    assert json.loads(json.dumps(describe(again, Kept().keep))) == values
    return again


def same(first, second):
    assert first.measurements == second.measurements
    assert first.findings == second.findings
    assert first.flags == second.flags
    assert len(first.instances or ()) == len(second.instances or ())
    for mine, theirs in zip(first.instances or (), second.instances or (), strict=True):
        assert (mine.box == theirs.box).all()
        assert mine.score == theirs.score


def test_a_network(run, phantoms):
    reader = load(run)
    reader.accept = 0.05
    file = min((phantoms.parent / "images").iterdir())
    again = there_and_back(reader)
    expected = reader.read(file)
    assert expected.measurements
    same(expected, again.read(file))
    assert again.landmark_schema == reader.landmark_schema
    assert again.provenance == reader.provenance


def test_whole_image_tasks():
    reader = reader_of("diagnose", DIAGNOSE)
    same(reader.read(FILMS[0]), there_and_back(reader).read(FILMS[0]))


def test_films():
    reader = film_reader()
    for film in FILMS:
        same(reader.read(film), there_and_back(reader).read(film))


def test_ensembles(run, phantoms):
    reader = load(run)
    reader.accept = 0.05
    ensemble = Ensemble([reader, reader], accept=0.06)
    file = min((phantoms.parent / "images").iterdir())
    expected = ensemble.read(file)
    assert expected.measurements
    same(expected, there_and_back(ensemble).read(file))


def test_ensembles_of_films():
    ensemble = Ensemble([film_reader(), film_reader(seed=1)])
    again = there_and_back(ensemble)
    for film in FILMS:
        same(ensemble.read(film), again.read(film))


def test_calibrations_come_along():
    reader = reader_of("diagnose", DIAGNOSE)
    reader.calibration = Calibration.learn([], [], accept=0.3)
    again = there_and_back(reader)
    assert again.calibration.to_json() == reader.calibration.to_json()


def test_a_missing_part_is_named():
    kept = Kept()
    values = describe(reader_of("diagnose", DIAGNOSE), kept.keep)
    for part in ("decoders", "frame", "accept", "calibration", "measurer"):
        less = {key: value for key, value in values.items() if key != part}
        with pytest.raises(RunError, match=f"lacks '{part}'"):
            make(less, kept.open)


def test_a_damaged_part_is_named():
    kept = Kept()
    values = describe(reader_of("diagnose", DIAGNOSE), kept.keep)
    with pytest.raises(ConfigError, match="longest"):
        make({**values, "frame": {"longest": "wide"}}, kept.open)
