"""Several readings of one image become one."""

from polyclinic.runtime.fuse.readings import fuse_readings

__all__ = ["fuse_readings"]
