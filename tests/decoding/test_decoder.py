"""Decoders are stored as plain values and made again without torch."""

import json
import subprocess
import sys

import numpy as np
import pytest

from polyclinic.decoding import (
    BoxDecoder,
    Decoder,
    LabelDecoder,
    LandmarkDecoder,
    MaskDecoder,
    PointDecoder,
    QualityDecoder,
    ReadingBuilder,
    RestoredDecoder,
    SegmentDecoder,
    ValueDecoder,
)
from polyclinic.errors import ConfigError, DataError, RunError
from polyclinic.geometry import Homography
from polyclinic.sample import Sample

SAMPLE = Sample(image_id=3, size=(40, 60), file="a.png", patient_id="p")


def draft(*scores):
    one = ReadingBuilder(SAMPLE, Homography.identity())
    one.instances = [
        {"box": np.array([1.0, 2, 3, 4]), "category": 0, "score": score} for score in scores
    ]
    return one


def test_only_accepted_instances_are_reported():
    reading = draft(0.9, 0.5, 0.49).finish(("loop",), None, {"model": "m"}, accept=0.5)
    assert [one.score for one in reading.instances] == [0.9, 0.5]
    assert (reading.image_id, reading.file, reading.patient_id) == (3, "a.png", "p")
    assert reading.provenance == {"model": "m"}


def test_not_looked_for_differs_from_not_found():
    assert ReadingBuilder(SAMPLE, Homography.identity()).finish((), None, {}, 0.5).instances is None
    assert draft().finish(("loop",), None, {}, 0.5).instances == ()


def test_what_does_not_fit_is_refused():
    with pytest.raises(DataError, match="class 0"):
        draft(0.9).finish((), None, {}, 0.5)


ONE_OF_EACH = [
    BoxDecoder(),
    LabelDecoder(values={"IgA": ("absent", "present")}),
    LandmarkDecoder(margin=0.1),
    MaskDecoder(),
    PointDecoder(category=1, margins=(0.1, 0.2, 0.3, 0.4)),
    QualityDecoder(label="blur", best=0, worst=4, retake=0.6),
    RestoredDecoder(),
    SegmentDecoder(parts="largest", fill_holes=True),
    ValueDecoder(label="grade", values=("0", "1", "2")),
]


@pytest.mark.parametrize("decoder", ONE_OF_EACH, ids=lambda one: type(one).__name__)
def test_stored_and_made_again(decoder):
    assert Decoder.from_json(json.loads(json.dumps(decoder.to_json()))) == decoder


@pytest.mark.parametrize(
    "kind", ["", "os:path", "polyclinic.decoding:ReadingBuilder", "nowhere.at:All"]
)
def test_what_is_no_decoder_is_refused(kind):
    with pytest.raises(RunError, match=r"no Decoder|not of an installed package"):
        Decoder.from_json({"kind": kind})


def test_a_missing_field_is_named():
    values = QualityDecoder(label="blur", best=0, worst=4, retake=None).to_json()
    del values["worst"]
    with pytest.raises(ConfigError, match="worst"):
        Decoder.from_json(values)


def test_no_torch_is_imported():
    code = "import sys, polyclinic.decoding; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
