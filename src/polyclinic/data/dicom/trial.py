"""Try in another process what a decoder may not survive.

GDCM alone decodes JPEG-LS and lossless JPEG, and ends the whole process on some damaged files,
where Python can't step in. A file that it has decoded once elsewhere is safe.
"""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache
from pathlib import Path

_DECODE = """
import sys
from pydicom import dcmread
from pydicom.pixels import pixel_array
pixel_array(dcmread(sys.argv[1], force=True), index=0)
"""
_SECONDS = 120


def survives(file: str | Path) -> bool:
    """Whether a process outlives the decoding of a file's first frame, with pixels or an error.

    Costs some tenths of a second for a file that this process has not tried before.
    """
    path = Path(file)
    state = path.stat()
    return _survives(str(path.absolute()), state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=100_000)
def _survives(path: str, changed: int, size: int) -> bool:
    try:
        done = subprocess.run(
            [sys.executable, "-c", _DECODE, path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode >= 0  # below zero: ended by a signal
