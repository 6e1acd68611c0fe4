"""Where enhanced objects keep what older ones say at the top: in functional groups."""

from __future__ import annotations

from pydicom.dataset import Dataset


def frame_group(header: Dataset, name: str) -> Dataset | None:
    """A functional group of the first frame, else the one shared by all frames (PS3.3, C.7.6.16).

    Args:
        header: the data set.
        name: keyword of the group's sequence, such as `PixelMeasuresSequence`.
    """
    for groups in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
        frames = header.get(groups)
        group = frames[0].get(name) if frames else None
        if group:
            item: Dataset = group[0]
            return item
    return None
