"""What turns the numbers of a network into a part of a reading."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from polyclinic.decoding.draft import Draft
from polyclinic.errors import ConfigError
from polyclinic.portable import Portable

Found = Mapping[str, NDArray[Any]]
"""What a network found in one image, in network pixels."""


class Decoder(Portable, ABC):
    """Writes what one task found in an image into its draft; it knows neither network nor torch."""

    @abstractmethod
    def decode(self, found: Found, draft: Draft) -> None:
        """Write into the draft, in original pixels."""


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
