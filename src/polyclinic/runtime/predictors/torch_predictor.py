"""A network in torch, as it was trained."""

from __future__ import annotations

from collections.abc import Sequence

from polyclinic.runtime.predictors.predictor import Pixels, Predicted
from polyclinic.tasks import Encoded, Network, collate, image_tensor
from polyclinic.tasks.task import as_arrays


class TorchPredictor:
    """Runs a network on the device on which it lies.

    On a CPU images have passes of their own: sharing one saves no time there, and rounds
    differently.
    """

    precision = "torch fp32"

    def __init__(self, network: Network) -> None:
        self.network = network.eval()

    @property
    def shares_passes(self) -> bool:
        """Not on a CPU."""
        return next(self.network.parameters()).device.type != "cpu"

    def predict(self, images: Sequence[Pixels], least: float) -> list[Predicted]:
        """Look at images of one size in one pass."""
        device = next(self.network.parameters()).device
        encoded = [Encoded(image_tensor(one), {}, key=0, name="") for one in images]
        predictions = self.network.predict(collate(encoded).to(device), least)
        return [{name: as_arrays(one) for name, one in found.items()} for found in predictions]
