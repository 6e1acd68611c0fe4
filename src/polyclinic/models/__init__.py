"""Networks: tensors in, tensors out."""

from polyclinic.models.batch_norm import Norm
from polyclinic.models.build import build_encoder, build_pyramid
from polyclinic.models.encoder import Encoder
from polyclinic.models.fpn import FeaturePyramid

__all__ = ["Encoder", "FeaturePyramid", "Norm", "build_encoder", "build_pyramid"]
