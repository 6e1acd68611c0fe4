"""An hourglass as an encoder with a single map."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from polyclinic.models.batch_norm import Norm, replace_batch_norm
from polyclinic.models.encoder import Encoder
from polyclinic.models.hourglass.config import HourglassConfig
from polyclinic.models.hourglass.network import Hourglass
from polyclinic.models.normalisation import ImageNormalisation

STRIDE = 4


class HourglassEncoder(Encoder):
    """The hourglass over images of any size.

    Images are filled up with zeros (after normalisation) on the right and below to whole cells,
    and to as many as the depth needs; the map is cut back.

    Args:
        config: of the hourglass.
        norm: what becomes of batch normalisation; `frozen` is refused, as there are no weights.
    """

    def __init__(self, config: HourglassConfig, *, norm: Norm = "batch") -> None:
        super().__init__()
        self.channels, self.strides = (8 * config.width,), (STRIDE,)
        self.least = STRIDE * 2**config.depth
        self.normalise = ImageNormalisation()
        self.network = replace_batch_norm(Hourglass(config), norm)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Encode RGB images on a scale of 0 to 1, (B, 3, H, W), into one map."""
        rows, columns = (-(-side // STRIDE) for side in images.shape[-2:])
        right, below = (
            max(STRIDE * cells, self.least) - side
            for cells, side in ((columns, images.shape[-1]), (rows, images.shape[-2]))
        )
        filled = F.pad(self.normalise(images), (0, right, 0, below))
        return [self.network(filled)[..., :rows, :columns]]
