"""What turns the numbers of a network into a part of a reading."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from polyclinic.config import Config
from polyclinic.decoding.draft import Draft
from polyclinic.errors import ConfigError, RunError

Found = Mapping[str, NDArray[Any]]
"""What a network found in one image, in network pixels."""


class Decoder(Config, ABC):
    """Writes what one task found in an image into its draft.

    Its fields are all that it needs, so that it can be stored beside an exported network and made
    again where neither the network's code nor torch is at hand.
    """

    @abstractmethod
    def decode(self, found: Found, draft: Draft) -> None:
        """Write into the draft, in original pixels."""

    def to_json(self) -> dict[str, Any]:
        """Its class and its fields as plain values."""
        kind = type(self)
        return {"kind": f"{kind.__module__}:{kind.__qualname__}", **self.model_dump(mode="json")}

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> Decoder:
        """The way back of `to_json`.

        Raises:
            RunError: the class is not installed, or is no decoder.
            ConfigError: a field is missing or of another kind.
        """
        fields = dict(values)
        kind = str(fields.pop("kind", ""))
        module, _, name = kind.partition(":")
        try:
            found = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError, ValueError):
            found = None
        if not (isinstance(found, type) and issubclass(found, Decoder)):
            raise RunError(
                f"no decoder is named {kind!r} here",
                expected="one of this version of polyclinic, or of an installed package",
                hint="install the package that the model was exported with",
            )
        return found.parse(fields, where=kind)


def refuse_second(draft: Draft, name: str, hint: str) -> None:
    """Make sure that nothing has found instances yet.

    Raises:
        ConfigError: another task has.
    """
    if draft.instances is not None:
        raise ConfigError(
            f"{name} and another task both write instances",
            expected="one of them in a recipe",
            hint=hint,
        )
