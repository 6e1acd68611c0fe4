"""One image with its truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from polyclinic.sample import Instance, Sample, Spacing
from polyclinic.schema import NAILFOLD_CLASSES
from polyclinic.systems.nailfold.phantoms.disease import ABNORMAL_SHAPES, State
from polyclinic.systems.nailfold.phantoms.light import expose, from_jpeg, to_jpeg
from polyclinic.systems.nailfold.phantoms.paint import Patch, paint_loop
from polyclinic.systems.nailfold.phantoms.patient import (
    NailfoldPhantomConfig,
    Patient,
    Side,
    draw_patient,
)
from polyclinic.systems.nailfold.phantoms.placement import PlacedLoop
from polyclinic.systems.nailfold.phantoms.render import render
from polyclinic.systems.nailfold.phantoms.truth import (
    Scene,
    draw_scene,
    frame_mask,
    instance,
    loop_landmarks,
    loop_truth,
)

Finger = Literal["index", "middle", "ring", "little"]


@dataclass(frozen=True, kw_only=True)
class View:
    """Which image of which patient.

    Args:
        image_id: unique in the cohort.
        patient_id: the person.
        hand: side of the body.
        finger: the finger looked at.
    """

    image_id: int
    patient_id: str
    hand: Side
    finger: Finger


def make_image(
    rng_seed: int | Sequence[int], state: State, config: NailfoldPhantomConfig | None = None
) -> Sample:
    """Draw one image of a new patient, with exact truth.

    `Instance.extra["truth"]` holds the diameters, shape and place of each loop.

    Args:
        rng_seed: the same seed gives the same image on the same library versions.
        state: disease state: normal, early, active or late.
        config: frame, scale and camera.

    Raises:
        ConfigError: there is no such state.
    """
    config = config or NailfoldPhantomConfig()
    rng = np.random.default_rng(np.random.SeedSequence(rng_seed))
    patient = draw_patient(state, rng)
    view = View(image_id=1, patient_id="p001", hand="left", finger="ring")
    sample, data = photograph(patient, view, config, rng)
    return sample.with_image(from_jpeg(data))


def photograph(
    patient: Patient, view: View, config: NailfoldPhantomConfig, rng: np.random.Generator
) -> tuple[Sample, bytes]:
    """Draw one image of a patient: its annotations, and its JPEG file."""
    scene = draw_scene(patient, view.hand, config, rng)
    patches = [paint_loop(one.loop, one.defocus_px) for one in scene.loops]
    light = render(patient, scene, patches, config, rng)
    pixels = expose(light, patient.camera_gain, config, rng)
    sample = Sample(
        image_id=view.image_id,
        size=config.size,
        patient_id=view.patient_id,
        study_id=f"{view.patient_id}-{view.hand}-{view.finger}",
        laterality=view.hand,
        site="phantom",
        device=patient.device,
        spacing=Spacing.square(config.um_per_px / 1000, "calibrated"),
        instances=tuple(_instances(scene, patches, config)),
        labels={"state": patient.state},
        annotated=frozenset({"instances", "masks", "landmarks", "state"}),
    )
    return sample, to_jpeg(pixels, config)


def _instances(scene: Scene, patches: list[Patch], config: NailfoldPhantomConfig) -> list[Instance]:
    found = []
    for placed, patch in zip(scene.loops, patches, strict=True):
        mask, share = frame_mask(patch.covered, patch.left, patch.top, config.size)
        if share >= config.min_visible and mask.area:
            in_focus = not placed.defocus_px
            # Walls can't be placed on a loop that is blurred into one smear.
            landmarks = loop_landmarks(placed.loop, config.size) if in_focus else None
            truth = loop_truth(placed.loop, row=placed.row, in_focus=in_focus)
            found.append(instance(_class_of(placed), mask, landmarks, truth))
    for stain in scene.stains:
        mask, share = frame_mask(stain.covered, stain.left, stain.top, config.size)
        if share >= config.min_visible and mask.area:
            category = NAILFOLD_CLASSES.index("haemorrhage")
            found.append(instance(category, mask, None, {"shape": stain.kind}))
    return found


def _class_of(placed: PlacedLoop) -> int:
    """Out of focus, then aggregated, then by shape."""
    plan = placed.loop.plan
    if placed.defocus_px:
        name = "blur"
    elif plan.clump_um is not None:
        name = "aggregation"
    else:
        name = "abnormal" if plan.shape in ABNORMAL_SHAPES else "normal"
    return NAILFOLD_CLASSES.index(name)
