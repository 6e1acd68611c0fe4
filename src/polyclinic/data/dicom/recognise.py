"""Whether a file is DICOM, by what it holds."""

from __future__ import annotations

import struct
from pathlib import Path

from pydicom.valuerep import VR

MARK = b"DICM"
MARK_AT = 128
"""Bytes of preamble before the mark (PS3.10, 7.1)."""

_VRS = frozenset(vr.value.encode() for vr in VR)
_GROUPS = (0x0002, 0x0008)
_LONGEST_FIRST_VALUE = 1024


def is_dicom(path: str | Path) -> bool:
    """Whether a file begins as DICOM files do: with preamble and mark, or with a data element.

    Files without preamble, as older archives hold them, begin with group 0002 or 0008, in either
    byte order. What can't be opened is no DICOM file.
    """
    try:
        with Path(path).open("rb") as file:
            head = file.read(MARK_AT + len(MARK))
    except OSError:
        return False
    return has_mark(head) or _begins_with_element(head)


def has_mark(head: bytes) -> bool:
    """Whether the first 132 bytes end with the mark of a DICOM file."""
    return head[MARK_AT : MARK_AT + len(MARK)] == MARK


def _begins_with_element(head: bytes) -> bool:
    if len(head) < 8:
        return False
    for order in "<>":
        group, _ = struct.unpack(f"{order}HH", head[:4])
        if group not in _GROUPS:
            continue
        if head[4:6] in _VRS:
            return True
        (length,) = struct.unpack(f"{order}I", head[4:8])
        if length % 2 == 0 and length <= _LONGEST_FIRST_VALUE:
            return True
    return False
