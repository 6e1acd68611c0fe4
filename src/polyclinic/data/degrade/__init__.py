"""What an image loses when it is badly taken or badly kept: focus, light, bits."""

from polyclinic.data.degrade.effects import (
    add_noise,
    bend,
    compress,
    disk_blur,
    disk_kernel,
    gaussian_blur,
)
from polyclinic.data.degrade.kinds import KINDS, LEVELS, Kind, named_kinds
from polyclinic.data.degrade.view import DegradeConfig, degrade_sample, degrade_view

__all__ = [
    "KINDS",
    "LEVELS",
    "DegradeConfig",
    "Kind",
    "add_noise",
    "bend",
    "compress",
    "degrade_sample",
    "degrade_view",
    "disk_blur",
    "disk_kernel",
    "gaussian_blur",
    "named_kinds",
]
