"""Bring public MViTv2 checkpoints onto our names.

Layouts known, told apart by their names:

| layout | made by | blocks |
| --- | --- | --- |
| polyclinic | this package | `blocks.0.attention.qkv` |
| timm | timm's `mvitv2_*` | `stages.0.blocks.0.attn.qkv` |
| mvit | facebookresearch/mvit, e.g. `MViTv2_T_in1k.pyth` | `blocks.0.attn.qkv` |
| detectron2 | its detectors, e.g. NFCMTL | `backbone.bottom_up.blocks.0.attn.qkv` |
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from polyclinic.errors import ConfigError
from polyclinic.models.mvit.backbone import MViT
from polyclinic.models.weights_file import read_weights, shortened

_log = logging.getLogger(__name__)

_DETECTOR_PREFIX = "backbone.bottom_up."
# The classifier and the norm before it; a dense backbone has norms of its own (as detectron2).
_CLASSIFIER = ("head.", "norm.")
_RENAMES = tuple(
    (re.compile(pattern), ours)
    for pattern, ours in (
        (r"^patch_embed\.proj\.", "patches."),
        (r"^(blocks\.\d+)\.(?:proj|shortcut_proj_attn)\.", r"\1.widen."),
        (r"\.norm1\.", ".norm_attention."),
        (r"\.norm2\.", ".norm_mlp."),
        (r"\.mlp\.fc1\.", ".mlp.0."),
        (r"\.mlp\.fc2\.", ".mlp.2."),
        (r"\.attn\.proj\.", ".attention.out."),
        (r"\.attn\.pool_([qkv])\.", r".attention.pool_\1.conv."),
        (r"\.attn\.norm_([qkv])\.", r".attention.pool_\1.norm."),
        (r"\.attn\.rel_pos_h$", ".attention.rows.table"),
        (r"\.attn\.rel_pos_w$", ".attention.columns.table"),
        (r"\.attn\.", ".attention."),
    )
)


@dataclass(frozen=True)
class LoadedWeights:
    """What was taken from a file.

    Attributes:
        layout: `polyclinic`, `timm`, `mvit` or `detectron2`.
        ignored: names in the file that a backbone has no use for: classifier, detector heads.
        fresh: our parameters that the file does not have and that keep their initial values:
            the norms of the outputs, which no classifier has.
    """

    layout: str
    ignored: tuple[str, ...]
    fresh: tuple[str, ...]


def load_mvit_weights(model: MViT, path: Path) -> LoadedWeights:
    """Load a checkpoint of any known layout into a backbone.

    Tables of relative positions may have any length: they are kept and interpolated at run time.

    Raises:
        ConfigError: the file can't be read, is of no known layout, or does not fit the
            backbone; the message lists the names.
    """
    tensors = read_weights(path)
    layout = _layout(tensors, path)
    named, ignored = _our_names(tensors, layout, model.config.depths)
    wanted = model.state_dict()
    optional = {name for name in wanted if name.startswith("norms.")}
    if layout in ("polyclinic", "detectron2"):
        optional = set()
    faults = {
        "missing": wanted.keys() - named.keys() - optional,
        "unexpected": named.keys() - wanted.keys(),
        "of another shape": {
            name
            for name in wanted.keys() & named.keys()
            if _fixed_shape(name, wanted[name]) != _fixed_shape(name, named[name])
        },
    }
    if any(faults.values()):
        raise ConfigError(
            f"weights of layout {layout!r} do not fit: "
            + "; ".join(f"{kind}: {shortened(names)}" for kind, names in faults.items() if names),
            expected=f"MViTv2 weights for depths {model.config.depths}"
            f" and widths {model.config.widths}",
            where=str(path),
        )
    model.load_state_dict(named, strict=False)
    loaded = LoadedWeights(layout, tuple(ignored), tuple(sorted(wanted.keys() - named.keys())))
    _log.info("%s: %s", path, loaded)
    return loaded


def _layout(tensors: dict[str, Tensor], path: Path) -> str:
    for layout, mark in (
        ("polyclinic", "blocks.0.attention.qkv.weight"),
        ("timm", "stages.0.blocks.0.attn.qkv.weight"),
        ("mvit", "blocks.0.attn.qkv.weight"),
        ("detectron2", f"{_DETECTOR_PREFIX}blocks.0.attn.qkv.weight"),
    ):
        if mark in tensors:
            return layout
    raise ConfigError(
        f"no MViTv2 weights of a known layout; the names begin with {shortened(tensors)}",
        expected="a state dict of timm, facebookresearch/mvit, detectron2 or polyclinic",
        where=str(path),
    )


def _our_names(
    tensors: dict[str, Tensor], layout: str, depths: tuple[int, ...]
) -> tuple[dict[str, Tensor], list[str]]:
    """Rename what belongs to a backbone; list the rest."""
    if layout == "polyclinic":
        return tensors, []
    named: dict[str, Tensor] = {}
    ignored: list[str] = []
    for name, tensor in tensors.items():
        backbone_name = name.removeprefix(_DETECTOR_PREFIX)
        elsewhere = layout == "detectron2" and backbone_name == name
        if elsewhere or backbone_name.startswith(_CLASSIFIER):
            ignored.append(name)
            continue
        flat = re.sub(
            r"^stages\.(\d+)\.blocks\.(\d+)",
            lambda found: f"blocks.{sum(depths[: int(found[1])]) + int(found[2])}",
            backbone_name,
        )
        flat = re.sub(r"^scale(\d)_norm", lambda found: f"norms.{int(found[1]) - 2}", flat)
        for pattern, ours in _RENAMES:
            flat = pattern.sub(ours, flat)
        named[flat] = tensor
    return named, ignored


def _fixed_shape(name: str, tensor: Tensor) -> tuple[int, ...]:
    """Shape without the length of a table of positions, which may be any."""
    shape = tuple(tensor.shape)
    return shape[1:] if name.endswith(".table") else shape
