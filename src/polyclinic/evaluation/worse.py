"""One image as it would look had it been taken or kept badly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from polyclinic.data.degrade import LEVELS, Kind
from polyclinic.sample import Pixels, Sample


@dataclass(frozen=True)
class Worse:
    """What a stress test does to a loaded sample.

    Args:
        kind: of degradation.
        level: 1 to 4.
        quality: name of the label that says how poor an image is; None where nobody reads it.
    """

    kind: Kind
    level: int
    quality: str | None

    def __call__(self, sample: Sample) -> Sample:
        """The sample degraded, in its own size, beside what a restored image must come close to.

        That is the stored sharp partner, or else the image before; in another light, the partner
        in that light.
        """
        changed = replace(sample, image=self._degraded(sample.pixels, sample), deep=None)
        if not self.kind.keeps_detail:
            sharp = sample.pixels if sample.sharp_file is None else None
            changed = replace(changed, sharp=sample.sharp if sample.sharp is not None else sharp)
        elif sample.sharp is not None:
            changed = replace(changed, sharp=self._degraded(sample.sharp, sample))
        else:
            changed = replace(changed, sharp_file=None)
        return replace(changed, labels=self._labels(sample))

    def _degraded(self, pixels: Pixels, sample: Sample) -> Pixels:
        return self.kind.degrade(np.asarray(pixels, np.uint8), self.level, sample.image_id)

    def _labels(self, sample: Sample) -> dict[str, Any]:
        """How poor an image is that was poor and is blurred once more, nobody knows."""
        labels = dict(sample.labels)
        if self.quality is None or not self.kind.blurs:
            return labels
        before = labels.pop(self.quality, 0)
        return labels if before else {**labels, self.quality: self.level / (LEVELS - 1)}
