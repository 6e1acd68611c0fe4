"""A network in torch, as it was trained."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import torch

from polyclinic.errors import RunError
from polyclinic.own_process import OwnOfProcess, is_forked
from polyclinic.runtime.predictors.predictor import Pixels, Predicted
from polyclinic.tasks import Encoded, Network, collate, image_tensor
from polyclinic.tasks.task import as_arrays


class TorchPredictor:
    """Runs a network on the device on which it lies.

    On a CPU images have passes of their own: sharing one saves no time there, and rounds
    differently.

    OpenMP keeps threads for each thread that computes, and a forked child has the memory of them
    but not the threads. So there another thread computes, which gets threads of its own, as many.
    """

    precision = "torch fp32"

    def __init__(self, network: Network) -> None:
        self.network = network.eval()
        self._apart = OwnOfProcess(partial(ThreadPoolExecutor, 1))

    def __getstate__(self) -> dict[str, Any]:
        """Whole: `multiprocessing` would move the weights into shared memory, for both sides."""
        state = {name: one for name, one in vars(self).items() if name != "network"}
        return state | {"network": pickle.dumps(self.network, pickle.HIGHEST_PROTOCOL)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state | {"network": pickle.loads(state["network"])})

    @property
    def shares_passes(self) -> bool:
        """Not on a CPU."""
        return self._device.type != "cpu"

    @property
    def _device(self) -> torch.device:
        return next(self.network.parameters()).device

    def predict(self, images: Sequence[Pixels], least: float) -> list[Predicted]:
        """Look at images of one size in one pass.

        Raises:
            RunError: this is a forked child, and the network lies on a GPU.
        """
        if not is_forked():
            return self._predict(images, least)
        if self.shares_passes:
            raise RunError(
                "a network on a GPU can't be used in a forked child",
                expected="a process that was spawned, or a reader that is loaded in the child",
                hint='multiprocessing.get_context("spawn")',
            )
        threads = torch.get_num_threads()
        return self._apart().submit(self._with_threads, threads, images, least).result()

    def _with_threads(
        self, threads: int, images: Sequence[Pixels], least: float
    ) -> list[Predicted]:
        torch.set_num_threads(threads)
        return self._predict(images, least)

    def _predict(self, images: Sequence[Pixels], least: float) -> list[Predicted]:
        encoded = [Encoded(image_tensor(one), {}, key=0, name="") for one in images]
        predictions = self.network.predict(collate(encoded).to(self._device), least)
        return [{name: as_arrays(one) for name, one in found.items()} for found in predictions]
