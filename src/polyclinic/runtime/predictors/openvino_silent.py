"""OpenVINO without the telemetry that comes with its converter, and with one core a process.

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

from polyclinic.own_process import OwnOfProcess

__all__ = ["core", "openvino", "opset", "passes"]


_CORE = OwnOfProcess(openvino.Core)


def core() -> openvino.Core:
    """The runtime of this process, `openvino.Core`: one for all, and never given back.

    With the first core its CPU plugin gives the thread a stack for signal handlers, and with the
    last it frees that stack, from whatever thread lets go of it. Where this is another thread, the
    first one keeps an address that is gone, and the next signal that Python handles, such as the
    end of a child process, is a segmentation fault. A forked child has one of its own.
    """
    return _CORE()
