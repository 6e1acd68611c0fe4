"""Any timm model with maps at strides 4 (or 2) to 32, as an encoder."""

from __future__ import annotations

import difflib
from pathlib import Path

import timm
import torch
import torch.nn.functional as F
from timm.models import PretrainedCfg
from torch import Tensor, nn

from polyclinic.errors import ConfigError
from polyclinic.models.batch_norm import Norm, replace_batch_norm
from polyclinic.models.encoder import Encoder
from polyclinic.models.normalisation import ImageNormalisation
from polyclinic.models.weights_file import read_weights, shortened

STRIDES = (4, 8, 16, 32)
_SUGGESTED = "resnet18, regnetx_002 and mobilenetv4_conv_small do"


class TimmEncoder(Encoder):
    """A timm model as an encoder.

    Images are filled up with zeros (after normalisation) on the right and below to whole cells
    of the coarsest map, and the maps are cut back: so all models keep the contract of `Encoder`
    on any height and width, also those that drop odd rows or can't take them.

    Args:
        name: a model name of timm, for example `resnet18`.
        weights: local file with timm's weights for that model; None starts from scratch. The
            network is never asked for them.
        norm: what becomes of batch normalisation; see `replace_batch_norm`.
        strides: of the maps, finest first.
        trained: whether the weights of a trained network follow, statistics among them.

    Raises:
        ConfigError: the name is unknown, the model has no maps at these strides or reads one
            image size only, the weights do not fit, or `frozen` is asked for and there will be
            no weights.
    """

    def __init__(
        self,
        name: str,
        *,
        weights: Path | None = None,
        norm: Norm = "batch",
        strides: tuple[int, ...] = STRIDES,
        trained: bool = False,
    ) -> None:
        super().__init__()
        if norm == "frozen" and weights is None and not trained:
            raise ConfigError(
                "frozen batch normalisation needs the statistics of pretrained weights",
                expected="a weights file, or norm 'group'",
                where=name,
            )
        features, self.channels = _feature_model(name, strides)
        self.strides = strides
        if weights is not None:
            _load(features, weights)
        _check_any_size(features, name, strides)
        published = timm.get_pretrained_cfg(name) or PretrainedCfg()  # not of timm: its defaults
        self.normalise = ImageNormalisation(published.mean, published.std)
        self.features = replace_batch_norm(features, norm)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Encode RGB images on a scale of 0 to 1, (B, 3, H, W), into maps, finest first."""
        height, width = images.shape[-2:]
        coarsest = self.strides[-1]
        filled = F.pad(self.normalise(images), (0, -width % coarsest, 0, -height % coarsest))
        return [
            map_bchw[..., : -(-height // stride), : -(-width // stride)]
            for map_bchw, stride in zip(self.features(filled), self.strides, strict=True)
        ]


def _feature_model(name: str, strides: tuple[int, ...]) -> tuple[nn.Module, tuple[int, ...]]:
    """Build the part of a timm model that makes the maps, and name their channels."""
    if not timm.is_model(name):
        close = difflib.get_close_matches(name, timm.list_models(), n=3, cutoff=0.5)
        raise ConfigError(
            f"timm has no model {name!r}",
            where="encoder",
            hint=f"did you mean {' or '.join(close)}?" if close else "see timm.list_models()",
        )
    try:
        every = timm.create_model(name, features_only=True).feature_info
    except (RuntimeError, ValueError, AttributeError, AssertionError, TypeError) as error:
        raise ConfigError(
            f"{name!r} does not give maps ({error})", where="encoder", hint=_SUGGESTED
        ) from error
    found: list[int] = every.reduction()
    if not set(strides) <= set(found):
        raise ConfigError(
            f"the maps of {name!r} have strides {found}",
            expected=f"strides {', '.join(map(str, strides))} among them",
            where="encoder",
            hint=_SUGGESTED,
        )
    # Made anew without the levels that nobody reads: their layers would never get a gradient.
    levels = [every.out_indices[found.index(stride)] for stride in strides]
    model = timm.create_model(name, features_only=True, out_indices=levels)
    return model, tuple(model.feature_info.channels())


def _check_any_size(features: nn.Module, name: str, strides: tuple[int, ...]) -> None:
    """Try one image that is neither square nor of the size the model was made for."""
    height, width = 64, 96
    try:
        with torch.no_grad():
            maps = features.eval()(torch.zeros(1, 3, height, width))
    except (RuntimeError, AssertionError, ValueError) as error:
        raise ConfigError(
            f"{name!r} can't read images of any size ({error})", where="encoder", hint=_SUGGESTED
        ) from error
    finally:
        features.train()
    found = [tuple(m.shape[-2:]) for m in maps]
    expected = [(height // stride, width // stride) for stride in strides]
    if found != expected:
        raise ConfigError(
            f"the maps of {name!r} for a 64 x 96 image measure {found}",
            expected=str(expected),
            where="encoder",
            hint=_SUGGESTED,
        )


def _load(features: nn.Module, path: Path) -> None:
    """Load timm's weights for the whole model into the part that makes maps.

    That part joins some names by underscores and may put the whole under `model.`; what comes
    after the last map, such as the classifier, has no place and is left out.
    """
    tensors = {_joined(name): tensor for name, tensor in read_weights(path).items()}
    wanted = features.state_dict()
    named = {name: tensors[_joined(name)] for name in wanted if _joined(name) in tensors}
    missing = wanted.keys() - named.keys()
    unfit = {name for name, tensor in named.items() if tensor.shape != wanted[name].shape}
    if missing or unfit:
        raise ConfigError(
            "weights do not fit: "
            + "; ".join(
                f"{kind}: {shortened(names)}"
                for kind, names in (("missing", missing), ("of another shape", unfit))
                if names
            ),
            expected="weights as timm publishes them for this model",
            where=str(path),
        )
    features.load_state_dict(named)


def _joined(name: str) -> str:
    return name.removeprefix("model.").replace(".", "_")
