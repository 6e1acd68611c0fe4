"""Engines by name."""

from __future__ import annotations

from polyclinic.errors import ConfigError, nearest
from polyclinic.runtime.engines.engine import Engine
from polyclinic.runtime.engines.local import LocalEngine

ENGINES = ("local", "ray")


def find_engine(name: str) -> Engine:
    """The engine of that name, as it is unless anything is said of it.

    Raises:
        ConfigError: there is none of that name, or what it stands on is not installed.
    """
    if name == "local":
        return LocalEngine()
    if name == "ray":
        from polyclinic.runtime.engines.ray_engine import RayEngine

        return RayEngine()
    raise ConfigError(f"no engine is named {name!r}", hint=nearest(name, ENGINES), where="--engine")
