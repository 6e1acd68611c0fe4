"""Which values are black and white: a property of a cohort, never of one image.

What a file itself states comes first (`Meant.stated`: SMinSampleValue and SMaxSampleValue of a
TIFF file, bits of a sample between 8 and 16, `sBIT` of a PNG file), and 8-bit values are what they
are. DICOM files bring their own window. For all else `learn_grey` looks at images of the training
part, and the run keeps what it learnt: readings, evaluations and exported files see what the
network was trained on.

An image without a run is shown by `usual_scale`, a ladder of fixed steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.pixels import Meant
from polyclinic.sample.grey_scale import BYTE, TAIL, GreyScale, spread, tails, usual_scale

IMAGES_TAIL = 0.05
"""Quantile over images at either end: a single one of many decides nothing."""
MOST_IMAGES = 48
"""Images that a scale is learnt from, evenly spread over the training part."""
DARKER = 0.5
"""An image whose white is below this share of that of the darkest training images is doubted."""
DICOM = "DICOM"
"""Type of pixels that their file shows itself."""
BURNT = 0.05
"""An image with so many more white pixels than the training images is doubted, as a share."""


class Grey(Protocol):
    """Says what is black and white in the pixels of a file, and what is odd about them."""

    def __call__(self, meant: Meant) -> GreyScale:
        """The scale of the pixels of a file."""
        ...

    def doubts(self, kind: str, rgb: NDArray[np.uint8], *, stated: bool) -> tuple[str, ...]:
        """Why an image may not look to a network like those that it was trained on."""
        ...

    def to_json(self) -> dict[str, Any] | None:
        """Plain values for a JSON file."""
        ...


@dataclass(frozen=True, kw_only=True)
class CohortGrey:
    """What was learnt of the brightness of a cohort; of nobody's until then.

    Args:
        scales: by the type of pixels of more than 8 bits, such as `uint16`.
        counts: images by the type of their pixels, of those that were looked at.
        darkest: white of the darkest training images as they are shown, 0 to 255.
        burnt: share of pixels that are shown at 255 in the whitest training images.
    """

    scales: Mapping[str, GreyScale] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    darkest: float = 0.0
    burnt: float = 1.0

    def __call__(self, meant: Meant) -> GreyScale:
        """What the file states, else what was learnt, else what `usual_scale` says."""
        if meant.values.dtype == np.uint8:
            return BYTE
        return meant.stated or self.scales.get(meant.kind) or usual_scale(meant.values)

    def doubts(self, kind: str, rgb: NDArray[np.uint8], *, stated: bool) -> tuple[str, ...]:
        """Why an image may not look to a network like those that it was trained on.

        Args:
            kind: type of the pixels as stored.
            rgb: as they are shown.
            stated: whether the file says what is black and white.
        """
        if not self.counts:
            return ()
        found = []
        if kind != "uint8" and not stated and kind not in self.scales:
            known = ", ".join(sorted(self.counts))
            found.append(f"brightness: stored as {kind}, trained on {known}")
        white, burnt = shown_ends(rgb)
        if white < DARKER * self.darkest:
            found.append(
                "brightness: less than half of that of the darkest images in training, whose "
                f"white is shown at {self.darkest:.0f} of 255"
            )
        if burnt > self.burnt + BURNT:
            found.append(
                f"brightness: more of the image is white than in training, up to {self.burnt:.0%}"
            )
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {
            "scales": {kind: scale.to_json() for kind, scale in self.scales.items()},
            "counts": dict(self.counts),
            "darkest": self.darkest,
            "burnt": self.burnt,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """What `to_json` wrote."""
        scales = {k: GreyScale.from_json(one) for k, one in document["scales"].items()}
        return cls(**{**document, "scales": scales})


@dataclass(frozen=True)
class GreyByMaximum:
    """The rule of runs that were trained before a cohort had a scale: the largest value decides.

    White is 1 of floats up to 1, else 4095 where no value is above it, else 65535.
    """

    def __call__(self, meant: Meant) -> GreyScale:
        """By the largest value."""
        if meant.values.dtype == np.uint8:
            return BYTE
        top = meant.values.max(initial=0)
        if meant.values.dtype.kind == "f" and top <= 1:
            return GreyScale(0, 1)
        return GreyScale(0, 4095 if top <= 4095 else 65535)

    def doubts(self, kind: str, rgb: NDArray[np.uint8], *, stated: bool) -> tuple[str, ...]:
        """Nobody knows what such a run was trained on."""
        return ()

    def to_json(self) -> None:
        """Runs of that time say nothing."""


UNKNOWN = CohortGrey()
"""Of images of no cohort."""


def grey_from_json(document: Mapping[str, Any] | None) -> CohortGrey | GreyByMaximum:
    """What a run says of its brightness; runs that say nothing go by the maximum."""
    return GreyByMaximum() if document is None else CohortGrey.from_json(document)


def shown_ends(rgb: NDArray[np.uint8]) -> tuple[float, float]:
    """White of an image as it is shown, 0 to 255, and the share of pixels at 255."""
    counts = np.bincount(spread(rgb), minlength=256)
    above = np.cumsum(counts[::-1])[::-1]
    reached = np.flatnonzero(above > TAIL * counts.sum())
    return float(reached[-1]), float(counts[255] / counts.sum())


def learn_grey(pictures: Iterable[tuple[Meant, NDArray[np.uint8] | None]]) -> CohortGrey:
    """The scales of a cohort, from some of its images.

    White of a type of pixels is the 95 % quantile, over images, of the value that 99.9 % of an
    image stay below; black likewise from the other end.

    Args:
        pictures: what files mean, and how they are shown where that is settled (DICOM).
    """
    seen: list[tuple[str, NDArray[Any], GreyScale | None]] = []
    ends: dict[str, list[tuple[float, float]]] = {}
    for meant, shown in pictures:
        if shown is not None:
            seen.append((DICOM, spread(shown), BYTE))
            continue
        own = BYTE if meant.kind == "uint8" else meant.stated
        seen.append((meant.kind, spread(meant.values), own))
        if own is None:
            ends.setdefault(meant.kind, []).append(tails(meant.values))
    scales = {kind: _scale_of(found, kind) for kind, found in ends.items()}
    whites, burnt = [], []
    for kind, values, own in seen:
        white, share = shown_ends((own or scales[kind]).to_rgb8(values[None]))
        whites.append(white)
        burnt.append(share)
    kinds = [kind for kind, _, _ in seen]
    return CohortGrey(
        scales=scales,
        counts={kind: kinds.count(kind) for kind in sorted(set(kinds))},
        darkest=float(np.quantile(whites, IMAGES_TAIL)) if whites else 0.0,
        burnt=float(np.quantile(burnt, 1 - IMAGES_TAIL)) if burnt else 1.0,
    )


def some_of(rows: Sequence[int]) -> list[int]:
    """Up to `MOST_IMAGES` of some rows, evenly spread, the same each time."""
    places = np.linspace(0, len(rows) - 1, min(len(rows), MOST_IMAGES))
    return [rows[place] for place in np.unique(np.rint(places).astype(int))] if len(rows) else []


def _scale_of(ends: Sequence[tuple[float, float]], kind: str) -> GreyScale:
    lows, highs = zip(*ends, strict=True)
    black = float(np.quantile(lows, IMAGES_TAIL))
    white = float(np.quantile(highs, 1 - IMAGES_TAIL))
    if np.dtype(kind).kind != "f":
        black, white = float(np.floor(black)), float(np.ceil(white))
    return GreyScale(black, white if white > black else black + 1)
