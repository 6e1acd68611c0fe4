"""Restored pixels, at the depth and the size of the image."""

from __future__ import annotations

import numpy as np

from polyclinic.data.depth import add_residual
from polyclinic.decoding.decoder import Decoder, Found
from polyclinic.decoding.draft import Draft
from polyclinic.geometry import warp_image


class RestoredDecoder(Decoder):
    """Writes the restored image."""

    def decode(self, found: Found, draft: Draft) -> None:
        """Add the change to the original pixels, at their own size, depth and channels.

        Args:
            found: `change` (3, h, w) on a scale of 0 to 1, network pixels.
            draft: has the pixels.
        """
        change = found["change"].astype(np.float32).transpose(1, 2, 0)
        to_image = draft.to_network.inverse()
        enlarged = warp_image(np.ascontiguousarray(change), to_image, draft.sample.size)
        draft.restored = add_residual(draft.sample, np.asarray(enlarged, np.float32))
