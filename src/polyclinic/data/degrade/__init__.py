"""What an image loses when it is badly taken or badly kept: focus, light, bits."""

from polyclinic.data.degrade.blur import disk_blur, gaussian_blur
from polyclinic.data.degrade.config import DegradeConfig
from polyclinic.data.degrade.disk import disk_kernel
from polyclinic.data.degrade.gamma import bend
from polyclinic.data.degrade.jpeg import compress
from polyclinic.data.degrade.kinds import KINDS, LEVELS, Kind, named_kinds
from polyclinic.data.degrade.noise import add_noise
from polyclinic.data.degrade.sample import degrade_sample
from polyclinic.data.degrade.view import degrade_view

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
