"""Findings of an image as a whole, its quality and its restored pixels."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, softmax

from polyclinic.data.depth import add_residual
from polyclinic.decoding.decoder import Decoder, Found, ReadingBuilder
from polyclinic.geometry import warp_image


class ValueDecoder(Decoder):
    """Writes a finding.

    Args:
        label: its name.
        values: what it may be, in order.
    """

    label: str
    values: tuple[str, ...]

    def decode(self, found: Found, draft: ReadingBuilder) -> None:
        """Write the probability of each value, in the order of the answer; they add up to 1.

        Args:
            found: `logits` (C,).
            draft: gets the finding.
        """
        shares = softmax(found["logits"].astype(np.float64)).tolist()
        draft.findings[self.label] = dict(zip(self.values, shares, strict=True))


class LabelDecoder(Decoder):
    """Writes a finding a label.

    Args:
        values: names of the absent and of the present value, by label.
    """

    values: dict[str, tuple[str, str]]

    def decode(self, found: Found, draft: ReadingBuilder) -> None:
        """Write a finding a label: the probabilities of its absent and of its present value.

        Args:
            found: `logits` (L,).
            draft: gets the findings.
        """
        shares = expit(found["logits"].astype(np.float64)).tolist()
        for (label, (absent, present)), share in zip(self.values.items(), shares, strict=True):
            draft.findings[label] = {absent: 1 - share, present: share}


class QualityDecoder(Decoder):
    """Writes the quality, and a flag where it is too poor.

    Args:
        label: name of the annotated number.
        best, worst: its ends.
        retake: badness from which a reading says: take it again.
    """

    label: str
    best: float
    worst: float
    retake: float | None

    def decode(self, found: Found, draft: ReadingBuilder) -> None:
        """Write quality and flag.

        Args:
            found: `badness` (), 0 for the best image.
            draft: gets them.
        """
        badness = float(found["badness"])
        draft.quality[self.label] = stated = self.best + badness * (self.worst - self.best)
        if self.retake is not None and badness >= self.retake:
            limit = self.best + self.retake * (self.worst - self.best)
            draft.flags.append(
                f"take it again: {self.label} {stated:.2f}, the limit is {limit:.2f} "
                f"(best {self.best:g}, worst {self.worst:g})"
            )


class RestoredDecoder(Decoder):
    """Writes the restored image."""

    def decode(self, found: Found, draft: ReadingBuilder) -> None:
        """Add the change to the original pixels, at their own size, depth and channels.

        Args:
            found: `change` (3, h, w) on a scale of 0 to 1, network pixels.
            draft: has the pixels.
        """
        change = found["change"].astype(np.float32).transpose(1, 2, 0)
        to_image = draft.to_network.inverse()
        enlarged = warp_image(np.ascontiguousarray(change), to_image, draft.sample.size)
        draft.restored = add_residual(draft.sample, np.asarray(enlarged, np.float32))
