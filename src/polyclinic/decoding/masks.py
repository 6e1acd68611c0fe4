"""Masks of objects, from the grid of their own box."""

from __future__ import annotations

import numpy as np

from polyclinic.decoding.decoder import Decoder, Found
from polyclinic.decoding.draft import Draft
from polyclinic.decoding.pasting import paste_mask, paste_masks

__all__ = ["MaskDecoder", "paste_mask"]


class MaskDecoder(Decoder):
    """Adds masks to instances.

    Args:
        not_taught: rows of the classes that get none, for no mask of one was trained on.
    """

    not_taught: tuple[int, ...] = ()

    def decode(self, found: Found, draft: Draft) -> None:
        """Paste each grid into the original image; a grid that covers no pixel gives no mask.

        Args:
            found: `probabilities` (N, maps, cells, cells), a map a class or one for all, `labels`
                (N,), `boxes` (N, 4) corner-origin network pixels.
            draft: has the N instances.
        """
        maps = found["probabilities"]
        chosen = found["labels"] if maps.shape[1] > 1 else np.zeros(len(maps), np.int64)
        grids = maps[np.arange(len(maps)), chosen].astype(np.float32)
        masks = paste_masks(grids, found["boxes"], draft.to_network, draft.sample.size)
        for values, mask in zip(draft.instances or [], masks, strict=True):
            known = values["category"] not in self.not_taught
            values["mask"] = mask if known and mask.area else None
