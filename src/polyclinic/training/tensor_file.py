"""Tensors with their description: a safetensors file and a JSON file beside it.

The header of the safetensors file holds the description too and is what is read back, so tensors
and description can't come from different moments when a process dies between the two files. The
JSON file is a copy for people and other programs. The header also holds a checksum of both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from polyclinic.atomic import write_bytes, write_text
from polyclinic.errors import RunError
from polyclinic.stored import AGAIN, values_of

_HEADER_KEY = "description"
_CHECKSUM_KEY = "sha256"


def write_tensors(
    path: Path, tensors: Mapping[str, Tensor], description: Mapping[str, Any]
) -> None:
    """Write `path` and, with the suffix `.json`, its description.

    Args:
        path: ends in `.safetensors`.
        tensors: may share memory; each is stored on its own.
        description: plain JSON values.
    """
    own = {name: t.detach().cpu().contiguous().clone() for name, t in tensors.items()}
    text = json.dumps(description, indent=2, ensure_ascii=False)
    checksum = _checksum(own, text)
    write_bytes(save(own, metadata={_HEADER_KEY: text, _CHECKSUM_KEY: checksum}), path)
    shown = json.dumps({**description, _CHECKSUM_KEY: checksum}, indent=2, ensure_ascii=False)
    write_text(shown + "\n", path.with_suffix(".json"))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors on the CPU, and the description.

    A file without a checksum is of an earlier version, and taken as it is.

    Raises:
        RunError: the file is missing, damaged or was not written by polyclinic.
    """
    try:
        with safe_open(path, framework="pt") as file:
            said = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise RunError("is missing", where=str(path), hint=AGAIN) from None
    except (SafetensorError, OSError, UnicodeDecodeError) as error:
        raise RunError(f"can't be read ({error})", where=str(path), hint=AGAIN) from None
    if _HEADER_KEY not in said:
        raise RunError("has no description in its header", where=str(path))
    text = said[_HEADER_KEY]
    if said.get(_CHECKSUM_KEY, checksum := _checksum(tensors, text)) != checksum:
        raise RunError(
            "is damaged: its content does not have the checksum that was written with it",
            expected=f"SHA-256 {said[_CHECKSUM_KEY]}",
            where=str(path),
            hint="copy the file again from where it was trained, or train anew",
        )
    with values_of(path):
        return tensors, dict(json.loads(text))


def refuse_not_finite(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Make sure that weights are numbers: a network with others finds nothing, and does not say so.

    Args:
        tensors: by name.
        path: of the file that they were read from.

    Raises:
        RunError: a value is NaN or infinite.
    """
    broken = [
        name
        for name, tensor in tensors.items()
        if tensor.is_floating_point() and not bool(tensor.isfinite().all())
    ]
    if broken:
        raise RunError(
            f"holds numbers that are not finite, in {len(broken)} of {len(tensors)} tensors: "
            + ", ".join(broken[:3]),
            expected="weights of a finished training",
            where=str(path),
            hint="copy the file again from where it was trained, or train anew",
        )


def _checksum(tensors: Mapping[str, Tensor], text: str) -> str:
    """SHA-256 of a description and of the names, kinds, shapes and bytes of tensors."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()
