"""A small reader of every recipe, with weights as they were drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch

from polyclinic.config import merge
from polyclinic.data.augment import FrameConfig
from polyclinic.data.facts import gather_facts
from polyclinic.measure.measurer import NothingToMeasure
from polyclinic.models import FeaturePyramid
from polyclinic.models.fuse_for_inference import fuse_for_inference
from polyclinic.models.mvit import MViT
from polyclinic.recipes.assemble import assemble
from polyclinic.recipes.find import find_recipe
from polyclinic.recipes.staged import Staged
from polyclinic.runs.load import make_reader
from polyclinic.runtime.predictors.torch_predictor import TorchPredictor
from polyclinic.runtime.reader import Reader
from polyclinic.runtime.reads import BaseReader
from polyclinic.sample import Sample
from polyclinic.schema import KNEE_CLASSES, KNEE_LANDMARKS
from polyclinic.tasks import FeatureShape, Network
from polyclinic.tasks.segments import SegmentsConfig
from tests.models.mvit.networks import SMALL as SMALL_MVIT
from tests.systems.knee.knee_films import TINY as TINY_FILMS
from tests.systems.knee.knee_films import patient
from tests.tasks.painting import CLASSES, SCHEMA, paint_sample

PROVENANCE = {"recipe": "drawn", "versions": {"numpy": "2"}}
TINY: dict[str, Any] = {
    "data": {"frame": {"longest": 96}},
    "model": {"encoder": "test_resnet", "pyramid_channels": 16},
}


def labelled(seed: int) -> Sample:
    """A painted image with every label and a sharp partner."""
    sample = paint_sample(seed, loops=1 + seed % 2)
    labels = {"label": "abc"[seed % 3], "grade": seed % 3, "quality": seed / 4}
    return replace(sample, labels={**sample.labels, **labels}, sharp=sample.pixels // 2)


SAMPLES = tuple(labelled(seed) for seed in range(4))
FILMS = tuple(patient(number) for number in range(4))


@dataclass(frozen=True)
class Kind:
    """A recipe to be read with in several runtimes.

    Args:
        name: of it.
        make: its reader.
        samples: loaded, what is read.
    """

    name: str
    make: Callable[[], BaseReader]
    samples: Sequence[Sample] = SAMPLES


def reader_of(name: str, settings: dict[str, Any], classes: tuple[str, ...] = CLASSES) -> Reader:
    """The reader of a recipe of one network."""
    recipe = find_recipe(name)
    config = recipe.resolve(settings)
    samples = [one for one in SAMPLES if all(i.category < len(classes) for i in one.instances)]
    facts = gather_facts(samples, classes, SCHEMA)
    network = assemble(recipe, config, facts).network
    fuse_for_inference(network)
    description = {"provenance": PROVENANCE, "accept": 0.0}
    return make_reader(recipe, config, facts, network, description)


def film_reader(seed: int = 0) -> BaseReader:
    """Two networks, one after the other."""
    recipe = find_recipe("knee")
    assert isinstance(recipe, Staged)
    config = recipe.resolve(merge(TINY_FILMS, {"seed": seed}))
    facts = gather_facts(FILMS, KNEE_CLASSES, KNEE_LANDMARKS)
    readers = {}
    for stage in recipe.stages(config, facts):
        views = [view for film in FILMS for view in stage.views(film)]
        seen = gather_facts(views, stage.classes, stage.landmark_schema)
        network = assemble(stage.recipe, stage.config, seen).network
        fuse_for_inference(network)
        description = {"provenance": PROVENANCE, "accept": 0.5}
        readers[stage.name] = make_reader(stage.recipe, stage.config, seen, network, description)
    reader = recipe.join(readers, config, facts, PROVENANCE)
    reader.accept = 0.2
    return reader


def mvit_reader() -> Reader:
    """Its graph is made for one size of images."""
    torch.manual_seed(0)
    encoder = MViT(SMALL_MVIT)
    pyramid = FeaturePyramid(encoder.channels, 8)
    shape = FeatureShape(
        map_channels=encoder.channels,
        pyramid_channels=8,
        strides=tuple(pyramid.strides.values()),
    )
    task = SegmentsConfig(width=8).build(gather_facts(SAMPLES, CLASSES, None), shape)
    network = Network(encoder, pyramid, [task])
    fuse_for_inference(network)
    return Reader(
        TorchPredictor(network),
        decoders={task.name: task.decoder},
        frame=FrameConfig(longest=64),
        classes=CLASSES,
        landmark_schema=None,
        measurer=NothingToMeasure(),
        provenance=PROVENANCE,
        accept=0.0,
    )


SEGMENT = merge(TINY, {"segments": {"width": 8}})
POINTS = merge(TINY, {"points": {"width": 8}, "distances": (("top", "left foot"),)})
HOURGLASS = {
    "preset": "paper",
    "data": {"frame": {"longest": 96}},
    "model": {"hourglass": {"width": 4, "depth": 3}},
}
DIAGNOSE = merge(TINY, {"grades": {"label": "grade"}})

KINDS = (
    Kind("segment", partial(reader_of, "segment", SEGMENT)),
    Kind("landmarks", partial(reader_of, "landmarks", POINTS, ("wide",)), SAMPLES[::2]),
    Kind("hourglass", partial(reader_of, "landmarks", HOURGLASS, ("wide",)), SAMPLES[::2]),
    Kind("diagnose", partial(reader_of, "diagnose", DIAGNOSE)),
    Kind("kidney", partial(reader_of, "kidney", TINY)),
    Kind("knee", film_reader, FILMS),
)
"""Readers whose graphs take images of any size."""
