"""From attenuation to the numbers of a finished film: scatter, blur, noise, processing."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.knee.phantoms.layout import Layout

Plane = NDArray[np.float32]

_COARSE = 16


@dataclass(frozen=True, kw_only=True)
class Detector:
    """How a film was exposed and processed.

    Args:
        photons: per pixel without a patient.
        blur_mm: standard deviation of the point spread.
        scatter: scattered light as a share of the direct one around.
        tilt: unevenness of the beam across the film.
        crisp: strength of unsharp masking.
        latitude: (2,) shares by which the shown range reaches beyond what is on the film.
        gamma: of the tone curve.
        frame: grey outside of the collimated field, 0 to 1.
    """

    photons: float
    blur_mm: float
    scatter: float
    tilt: tuple[float, float]
    crisp: float
    latitude: tuple[float, float]
    gamma: float
    frame: float


def draw_detector(rng: np.random.Generator) -> Detector:
    """Draw an exposure."""
    bright_frame = rng.random() < 0.3
    return Detector(
        photons=float(np.exp(rng.uniform(np.log(1500), np.log(12000)))),
        blur_mm=float(rng.uniform(0.12, 0.24)),
        scatter=float(rng.uniform(0.1, 0.4)),
        tilt=(float(rng.normal(0, 0.08)), float(rng.normal(0, 0.08))),
        crisp=float(rng.choice([0.0, 0.25, 0.5])),
        latitude=(float(rng.uniform(-0.12, 0.08)), float(rng.uniform(0.0, 0.25))),
        gamma=float(rng.uniform(0.8, 1.35)),
        frame=float(rng.uniform(0.85, 1.0) if bright_frame else rng.uniform(0, 0.04)),
    )


def expose(
    attenuation: Plane, layout: Layout, detector: Detector, rng: np.random.Generator
) -> Plane:
    """(H, W) grey of the finished film, 0 to 1, dense parts bright.

    Args:
        attenuation: (H, W), natural logarithm of the light that is held back.
        layout: frame and field.
        detector: exposure.
        rng: source of chance for the noise.
    """
    light = np.exp(-attenuation)
    cv2.GaussianBlur(light, (0, 0), detector.blur_mm / layout.spacing_mm, dst=light)
    light *= _beam(layout.size, detector)
    light += detector.scatter * _around(light, layout, 28)
    grain = rng.standard_normal(layout.size, np.float32)
    grain *= np.sqrt(light * np.float32(1 / detector.photons))
    light += grain
    dense = -np.log(np.maximum(light, 0.004))
    if detector.crisp:
        dense += detector.crisp * (dense - _around(dense, layout, 9))
    field = _field(layout)
    grey = _toned(dense, field, detector)
    return np.asarray(grey * field + detector.frame * (1 - field), np.float32)


def _beam(size: tuple[int, int], detector: Detector) -> Plane:
    x = np.linspace(-1, 1, size[1], dtype=np.float32)[None]
    y = np.linspace(-1, 1, size[0], dtype=np.float32)[:, None]
    return np.asarray(np.exp(detector.tilt[0] * x) * np.exp(detector.tilt[1] * y), np.float32)


def _around(plane: Plane, layout: Layout, reach_mm: float) -> Plane:
    """The plane, blurred far; worked out on a coarse copy."""
    height, width = plane.shape
    small = cv2.resize(
        plane, (max(width // _COARSE, 1), max(height // _COARSE, 1)), interpolation=cv2.INTER_AREA
    )
    small = cv2.GaussianBlur(small, (0, 0), reach_mm / layout.spacing_mm / _COARSE)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def _field(layout: Layout) -> Plane:
    """(H, W) 1 in the collimated field, with its penumbra."""
    mask = np.zeros(layout.size, np.uint8)
    cv2.fillPoly(mask, [np.rint(layout.field * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(mask, (0, 0), 0.35 / layout.spacing_mm)
    return soft.astype(np.float32) * np.float32(1 / 255)


def _toned(dense: Plane, field: Plane, detector: Detector) -> Plane:
    """Stretched between what is rarely less and what is rarely more, but metal stays white."""
    seen = dense[::8, ::8][field[::8, ::8] > 0.5]
    low, high = np.percentile(seen, [2, 99.3])
    high = min(high, low + 3.2)
    span = high - low
    low, high = low - detector.latitude[0] * span, high + detector.latitude[1] * span
    shown = np.clip((dense - low) * np.float32(1 / (high - low)), 0, 1)
    return np.asarray(np.power(shown, np.float32(detector.gamma)))
