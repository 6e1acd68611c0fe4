"""What comes back from Ray: a result, the error that the code raised, or a lost process."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from polyclinic.runtime.engines.staff import Lost


def result_of(ray: ModuleType, reference: Any) -> Any:
    """What a finished task or actor call gave.

    Args:
        ray: the module.
        reference: what the call returned.

    Raises:
        Exception: what the code raised, as it was.
        Lost: its process died, or the result went down with its machine.
    """
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        raise _raised(error) from error
    except ray.exceptions.RayError as error:
        raise Lost(str(error).strip().splitlines()[0]) from error


def _raised(error: Any) -> Exception:
    cause = getattr(error, "cause", None)
    return cause if isinstance(cause, Exception) else error
