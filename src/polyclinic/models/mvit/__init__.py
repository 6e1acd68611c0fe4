"""MViTv2, the image backbone of NFCMTL."""

from polyclinic.models.mvit.backbone import MViT
from polyclinic.models.mvit.plan import MViTConfig

__all__ = ["MViT", "MViTConfig"]
