"""The values of an instance in COCO's convention.

COCO boxes are [x, y, width, height] from the image's corner, half a pixel from our edges around
pixel centres at integers; COCO keypoints are pixel indices, as ours.
"""

from __future__ import annotations

from typing import Any

from polyclinic.sample.instance import Instance


def coco_box(instance: Instance) -> list[float]:
    """[x, y, width, height] from the image's corner."""
    x1, y1, x2, y2 = (instance.box + 0.5).tolist()
    return [x1, y1, x2 - x1, y2 - y1]


def coco_area(instance: Instance) -> float:
    """Pixels of the mask, else of the box."""
    if instance.mask is not None:
        return float(instance.mask.area)
    x1, y1, x2, y2 = instance.box.tolist()
    return float((x2 - x1) * (y2 - y1))


def coco_outlines(instance: Instance) -> dict[str, Any]:
    """`outlines` to a hundredth of a pixel; nothing where there are none."""
    lines = {name: line.round(2).tolist() for name, line in instance.outlines.items()}
    return {"outlines": lines} if lines else {}


def coco_keypoints(instance: Instance) -> dict[str, Any]:
    """`keypoints` and `num_keypoints`; nothing without landmarks."""
    if instance.landmarks is None:
        return {}
    rows: list[list[float]] = instance.landmarks.tolist()
    return {
        "keypoints": [value for x, y, v in rows for value in (x, y, int(v))],
        "num_keypoints": sum(v > 0 for _, _, v in rows),
    }
