"""The Dice of answering the same mask on every image: the pixels that most annotations hold.

Annotated regions are kept as runs of the frame's pixels in reading order, so that the votes for
any weights are a cumulative sum over the frame and not a stack of images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided
from polyclinic.metrics.segmentation.masked import MaskedCase, Unions

Positions = NDArray[np.int32]


@dataclass(frozen=True, eq=False, kw_only=True)
class ConstantMask:
    """Annotated regions of M images of one size, and the answer that most of them share.

    Args:
        starts, ends: (S,) first pixel of each run, and the one behind its last.
        home: (S,) the row of its image.
        areas: (M,) annotated pixels.
        places: (M,) the case of each image.
        pixels: of an image.
    """

    starts: Positions
    ends: Positions
    home: Positions
    areas: Values
    places: NDArray[np.intp]
    pixels: int

    @classmethod
    def of(cls, looked: Sequence[MaskedCase], category: int | None = None) -> ConstantMask | None:
        """None where images differ in size or hold crowds, whose pixels nobody annotated.

        Args:
            looked: the images.
            category: the class whose masks are meant; all masks together unless given.
        """
        sizes = {image.case[0].size for image in looked}
        if len(sizes) != 1 or any(image.crowds for image in looked):
            return None
        (size,) = sizes
        wanted = () if category is None else (category,)
        runs = [_runs(image.unions(wanted)[-1], size[1]) for image in looked]
        lengths = [len(starts) for starts, _ in runs]
        return cls(
            starts=np.concatenate([starts for starts, _ in runs]),
            ends=np.concatenate([ends for _, ends in runs]),
            home=np.repeat(np.arange(len(looked), dtype=np.int32), lengths),
            areas=np.array([(ends - starts).sum() for starts, ends in runs], float),
            places=np.array([image.place for image in looked], np.intp),
            pixels=size[0] * size[1],
        )

    def mean_dice(self, weights: Values) -> Values:
        """(R,) mean Dice of the constant answer for (R, N) weights of cases.

        The vote and the mean are both taken over the images as often as they count. Images on
        which neither the answer nor the annotation holds anything are left out.
        """
        return np.array([self._mean_dice(some) for some in weights[:, self.places]], float)

    def _mean_dice(self, weights: Values) -> float:
        answer = self._votes(weights) > weights.sum() / 2
        before = np.concatenate([[0], np.cumsum(answer)])
        held = before[self.ends] - before[self.starts]
        shared = np.bincount(self.home, held, minlength=len(self.areas)).astype(float)
        reached = divided(2 * shared, self.areas + float(before[-1]))
        there = np.isfinite(reached)
        total = weights[there].sum()
        return float(weights[there] @ reached[there] / total) if total else float("nan")

    def _votes(self, weights: Values) -> Values:
        of_runs, edges = weights[self.home], self.pixels + 1
        opened = np.bincount(self.starts, of_runs, minlength=edges)
        closed = np.bincount(self.ends, of_runs, minlength=edges)
        votes: Values = np.cumsum(opened - closed)[:-1]
        return votes


def _runs(unions: Unions, width: int) -> tuple[Positions, Positions]:
    """Runs of the annotated pixels of an image, a run ending with its row."""
    region, frame = unions.true, unions.frame
    fenced = np.pad(region, ((0, 0), (0, 1)))
    turns = np.flatnonzero(np.diff(fenced.ravel(), prepend=False))
    rows, columns = np.divmod(turns, fenced.shape[1])
    places = ((rows + frame.top) * width + columns + frame.left).astype(np.int32)
    return places[::2], places[1::2]
