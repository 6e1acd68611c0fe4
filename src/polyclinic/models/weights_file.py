"""Read tensors from a local weights file, without ever running code from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from polyclinic.errors import ConfigError

# Under which key public checkpoints keep their weights: facebookresearch/mvit ("model_state"),
# detectron2 ("model"), timm's training script and many others ("state_dict").
_WRAPPERS = ("model_state", "model", "state_dict")


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read all named tensors of a `.safetensors` file, or of any file written by `torch.save`.

    Pickled objects other than tensors and plain containers are refused, so a weights file
    can't run code.

    Raises:
        ConfigError: the file is missing, can't be read as weights, or holds no named tensors.
    """
    if not path.is_file():
        raise ConfigError(
            "there is no such weights file",
            expected="a local .safetensors, .pt, .pth or .pyth file",
            where=str(path),
            hint="download it first: nothing is fetched while a model is built",
        )
    tensors = _safetensors(path) if path.suffix == ".safetensors" else _unwrapped(_pickled(path))
    if not tensors:
        raise ConfigError("the file holds no named tensors", where=str(path))
    broken = [n for n, one in tensors.items() if not bool(one.isfinite().all())]
    if broken:
        raise ConfigError(
            f"tensors hold numbers that are not finite: {shortened(broken)}",
            expected="weights of a finished training",
            where=str(path),
        )
    return tensors


def shortened(names: Iterable[str], *, most: int = 5) -> str:
    """List names in a message, the first few of them."""
    listed = sorted(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def _safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except SafetensorError as error:
        raise ConfigError(
            "the file can't be read", expected="a safetensors file", where=str(path)
        ) from error


def _pickled(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # bytes that are no checkpoint fail in a dozen ways
        raise ConfigError(
            "the file can't be read, or holds objects besides tensors",
            expected="tensors by name, as torch.save or safetensors write them",
            where=str(path),
            hint="if you trust it, load it with torch and save its tensors alone as .safetensors",
        ) from error


def _unwrapped(content: Any) -> dict[str, Tensor]:
    if not isinstance(content, Mapping):
        return {}
    inner = next((content[k] for k in _WRAPPERS if isinstance(content.get(k), Mapping)), content)
    return {str(name): value for name, value in inner.items() if isinstance(value, Tensor)}
