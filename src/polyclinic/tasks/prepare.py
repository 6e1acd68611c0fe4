"""From a loaded sample to what the network is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from polyclinic.data.augment import (
    AugmentConfig,
    FrameConfig,
    add_grain,
    change_light,
    cut_out,
    framed,
    jitter_landmarks,
    random_view,
)
from polyclinic.data.degrade import DegradeConfig, degrade_sample
from polyclinic.geometry import Homography, move_sample
from polyclinic.sample import Instance, Pixels, Sample
from polyclinic.schema import LandmarkSchema
from polyclinic.tasks.batch import Encoded, image_tensor
from polyclinic.tasks.task import Task

UNTOUCHED = DegradeConfig()
STREAMS = 6


def prepare_training(
    sample: Sample,
    key: int,
    *,
    tasks: Sequence[Task],
    frame: FrameConfig,
    augment: AugmentConfig,
    schema: LandmarkSchema | None,
    degrade: DegradeConfig = UNTOUCHED,
) -> Encoded:
    """A random view of a sample with the targets of every task; the same for the same key.

    A sharp partner is seen from the same place in the same light, without grain, noise, blur and
    what hides a part.
    """
    # A stream each: how many numbers the view takes does not change the light. New ones come last.
    of_view, of_light, of_jitter, of_grain, of_cutout, of_degrade = _streams(key)
    view, size = random_view(sample.size, frame, augment, of_view)
    seen = move_sample(sample, view, size, schema)
    seen = jitter_landmarks(seen, augment.jitter, of_jitter)
    seen = degrade_sample(seen, degrade, of_degrade)
    image = add_grain(np.asarray(seen.pixels, np.uint8), augment.grain, of_grain)
    image = change_light(image, augment, of_light)
    image = cut_out(image, augment.cutout, of_cutout)
    seen = replace(seen, image=image, sharp=_in_the_same_light(seen.sharp, augment, key))
    return Encoded(
        image=image_tensor(image),
        targets={task.name: task.encode(_without_slivers(seen, task)) for task in tasks},
        key=key,
        name=sample.file or str(sample.image_id),
    )


def prepare_reading(sample: Sample, frame: FrameConfig) -> tuple[Encoded, Homography]:
    """A sample in the size at which it is read, and the map from its pixels to that size."""
    image, to_network = framed(sample, frame)
    name = sample.file or str(sample.image_id)
    return Encoded(image=image_tensor(image), targets={}, key=0, name=name), to_network


def _streams(key: int) -> list[np.random.Generator]:
    return np.random.default_rng(key).spawn(STREAMS)


def _in_the_same_light(sharp: Pixels | None, augment: AugmentConfig, key: int) -> Pixels | None:
    if sharp is None:
        return None
    _, of_light, *_ = _streams(key)
    clear = augment.model_copy(update={"blur": 0.0, "noise": 0.0})
    return change_light(np.asarray(sharp, np.uint8), clear, of_light)


def _without_slivers(sample: Sample, task: Task) -> Sample:
    """What the task can learn from: what is too narrow for it is neither object nor background."""
    if sample.instances is None or all(_side(one) >= task.least_side for one in sample.instances):
        return sample
    kept = tuple(
        one if _side(one) >= task.least_side else _passed_over(one, task.least_side)
        for one in sample.instances
    )
    return replace(sample, instances=kept)


def _passed_over(instance: Instance, side: float) -> Instance:
    """A crowd twice as wide as the narrowest object: a box drawn around the object lies in it."""
    middle = (instance.box[:2] + instance.box[2:]) / 2
    reach = np.maximum((instance.box[2:] - instance.box[:2]) / 2, side)
    return replace(instance, box=np.concatenate([middle - reach, middle + reach]), crowd=True)


def _side(instance: Instance) -> float:
    return float(min(instance.box[2:] - instance.box[:2]))
