"""Small networks around the tasks under test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from polyclinic.data.facts import Facts, gather_facts
from polyclinic.models import FeaturePyramid, build_encoder
from polyclinic.sample import Sample
from polyclinic.tasks import (
    Batch,
    Encoded,
    FeatureShape,
    Network,
    Task,
    TaskConfig,
    collate,
    image_tensor,
)
from polyclinic.tasks.classes import ClassesConfig
from polyclinic.tasks.edge import Edge
from polyclinic.tasks.grades import GradesConfig
from polyclinic.tasks.hierarchy import fed_width, looks_twice
from polyclinic.tasks.instances import InstancesConfig
from polyclinic.tasks.landmarks import LandmarksConfig
from polyclinic.tasks.masks import MasksConfig
from polyclinic.tasks.multilabel import MultilabelConfig
from polyclinic.tasks.points import PointsConfig
from polyclinic.tasks.quality import QualityConfig
from polyclinic.tasks.restore import RestoreConfig
from polyclinic.tasks.segments import SegmentsConfig
from tests.tasks.painting import CLASSES, SCHEMA

INSTANCES = InstancesConfig.parse(
    {
        "proposals": {
            "anchor_sizes": (8, 16, 32, 64, 128),
            "ratios": (1.0, 2.0, 4.0),
            "sampled": 64,
            "before_nms": (100, 60),
            "after_nms": (60, 40),
        },
        "head": {"hidden": 64, "sampled": 32, "positive_share": 0.5},
        "score_threshold": 0.1,
        "rivals": "all",
    }
)
MASKS = MasksConfig.parse({"levels": ("p2", "p3"), "widths": (32, 32)})
LANDMARKS = LandmarksConfig.parse(
    {"levels": ("p2", "p3"), "widths": (32, 32), "codec": "subcell", "margin": 0.15}
)
SEGMENTS = SegmentsConfig.parse({"width": 16})
POINTS = PointsConfig.parse({"width": 16})
ROBUST_POINTS = PointsConfig.parse(
    {"width": 16, "loss": {"kind": "robust", "unit": "share", "scale": 0.01}}
)
SPOTS = PointsConfig.parse({"width": 16, "spot": {}})
CROWDED = ClassesConfig.parse(
    {"label": "crowded", "hidden": 16, "smoothing": 0.1, "balanced": True}
)
CROWDED_P3 = CROWDED.model_copy(update={"level": "p3"})
GRADE = GradesConfig(label="grade")
GRADE_P3 = GradesConfig(label="grade", level="p3", hidden=16, smoothing=0.1, balanced=True)
MULTILABEL = MultilabelConfig(labels=("crowded", "odd"))
MULTILABEL_P3 = MultilabelConfig(labels=("crowded", "odd"), level="p3", hidden=16, balanced=True)
QUALITY = QualityConfig(hidden=16)
FULL_REFERENCE = QualityConfig(target="full_reference", hidden=16)
RESTORE = RestoreConfig(width=8)
CHANNELS = 32


def painted_facts(samples: Sequence[Sample]) -> Facts:
    """What a cohort of painted samples would say."""
    return gather_facts(samples, CLASSES, SCHEMA)


def build(
    configs: Sequence[TaskConfig], facts: Facts, *, seed: int = 0, edges: Sequence[Edge] = ()
) -> Network:
    """A network for some tasks, on the smallest encoder there is."""
    torch.manual_seed(seed)
    encoder = build_encoder("test_resnet", norm="group")
    pyramid = FeaturePyramid(encoder.channels, CHANNELS)
    shape = FeatureShape(
        map_channels=encoder.channels,
        pyramid_channels=CHANNELS,
        strides=tuple(pyramid.strides.values()),
    )
    tasks: list[Task] = []
    for config in configs:
        named = {task.name: task for task in tasks}
        fed = fed_width(config.task_name, edges, named, encoder.channels[-1])
        tasks.append(config.build(facts, replace(shape, fed=fed)))
    twice = looks_twice(edges, {task.name: task for task in tasks})
    second = build_encoder("test_resnet", norm="group") if twice else None
    return Network(encoder, pyramid, tasks, edges=edges, second=second)


def batch_of(network: Network, samples: Sequence[Sample]) -> Batch:
    """Samples as they are, without augmentation; the key of each is its id."""
    return collate(
        [
            Encoded(
                image=image_tensor(sample.pixels),
                targets={task.name: task.encode(sample) for task in network.task_list},
                key=int(sample.image_id),
                name=str(sample.image_id),
            )
            for sample in samples
        ]
    )
