"""OpenVINO without the telemetry that comes with its converter.

Its Python package imports a module that may report use to its makers. Nothing here calls the
converter; that module is kept from being imported at all, whereupon OpenVINO takes its own stub.
"""

from __future__ import annotations

import sys

if "openvino" not in sys.modules:
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]

import openvino
from openvino import opset13 as opset
from openvino import passes

__all__ = ["openvino", "opset", "passes"]
