"""Settings that are stored with the name of their class, and made again from both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from polyclinic.config import Config
from polyclinic.errors import RunError
from polyclinic.trusted import import_stored


class Portable(Config):
    """A part of a reader whose fields are all that it needs.

    It can be stored beside an exported network and made again where the code of the network is
    not at hand. A class of another package works where that package is installed.
    """

    def to_json(self) -> dict[str, Any]:
        """Its class and its fields as plain values."""
        kind = type(self)
        return {"kind": f"{kind.__module__}:{kind.__qualname__}", **self.model_dump(mode="json")}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The way back of `to_json`; the class must be a subclass of this one.

        Raises:
            RunError: the class is not installed, is of code that nobody trusts, or is something
                else.
            ConfigError: a field is missing or of another kind.
        """
        fields = dict(values)
        kind = str(fields.pop("kind", ""))
        found = _find(kind)
        if not (isinstance(found, type) and issubclass(found, cls)):
            raise RunError(
                f"there is no {cls.__name__} named {kind!r} here",
                expected="one of this version of polyclinic, or of an installed package",
                hint="install the package and version that the model was exported with",
            )
        return found.parse(fields, where=kind)


def _find(kind: str) -> object:
    module, _, name = kind.partition(":")
    if not module:
        return None
    try:
        return getattr(import_stored(module), name)
    except (ImportError, AttributeError, ValueError):
        return None
