"""Tensors with their description: a safetensors file and a JSON file beside it.

The header of the safetensors file holds the description too and is what is read back, so tensors
and description can't come from different moments when a process dies between the two files. The
JSON file is a copy for people and other programs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from polyclinic.atomic import write_bytes, write_text
from polyclinic.errors import RunError

_HEADER_KEY = "description"


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
    write_bytes(save(own, metadata={_HEADER_KEY: text}), path)
    write_text(text + "\n", path.with_suffix(".json"))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors on the CPU, and the description.

    Raises:
        RunError: the file is missing, damaged or was not written by polyclinic.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = (file.metadata() or {}).get(_HEADER_KEY)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise RunError("is missing", where=str(path)) from None
    except SafetensorError as error:
        raise RunError(f"can't be read ({error})", where=str(path)) from None
    if header is None:
        raise RunError("has no description in its header", where=str(path))
    return tensors, json.loads(header)
