"""Ways to compute: in which runtime, with which numbers."""

from __future__ import annotations

from typing import NamedTuple

from polyclinic.errors import ConfigError, nearest


class Backend(NamedTuple):
    """A runtime and the numbers that it computes with.

    Args:
        runtime: `torch`, `openvino` or `onnxruntime`.
        precision: `fp32`, `bf16` or `int8`.
    """

    runtime: str
    precision: str

    def __str__(self) -> str:
        return f"{self.runtime} {self.precision}"


INT8 = Backend("onnxruntime", "int8")
"""In the runtime in which what is lost was judged: others may round otherwise, or fail."""
AS_MADE = Backend("torch", "fp32")
"""As networks are trained; of an exported file, as it was exported."""

ASKED = {
    "fp32": AS_MADE,
    "bf16": Backend("openvino", "bf16"),
    "int8": INT8,
}
BACKENDS = (
    AS_MADE,
    Backend("openvino", "fp32"),
    Backend("openvino", "bf16"),
    Backend("onnxruntime", "fp32"),
    INT8,
)


def backend_of(text: str | None) -> Backend:
    """What a user asked for, or what was chosen, as a way.

    Raises:
        ConfigError: it is not known.
    """
    if text is None:
        return AS_MADE
    ways = ASKED | {str(way): way for way in BACKENDS}
    if text not in ways:
        raise ConfigError(
            f"no precision is named {text!r}", hint=nearest(text, ways), where="--precision"
        )
    return ways[text]
