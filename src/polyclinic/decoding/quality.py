"""How poor an image is, on the annotator's scale."""

from __future__ import annotations

from polyclinic.decoding.decoder import Decoder, Found
from polyclinic.decoding.draft import Draft


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

    def decode(self, found: Found, draft: Draft) -> None:
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
