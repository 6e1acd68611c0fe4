"""Matching one by one, as it is defined: slow, to hold the fast one to."""

import numpy as np

from polyclinic.metrics.case import score_of
from polyclinic.metrics.matching import Match, instance_iou


def plain_match(true, read, *, min_iou=0.5, min_score=0.0):
    crowds = [instance for instance in true if instance.crowd]
    free = {row for row, instance in enumerate(true) if not instance.crowd}
    rows = [row for row, instance in enumerate(read) if score_of(instance) >= min_score]
    pairs, spurious, ignored = [], [], []
    for row in sorted(rows, key=lambda r: -score_of(read[r])):
        overlaps = {other: instance_iou(true[other], read[row]) for other in sorted(free)}
        best = max(overlaps, key=lambda other: overlaps[other], default=None)
        if best is not None and overlaps[best] >= min_iou:
            pairs.append((best, row))
            free.remove(best)
        elif any(share_inside(read[row], crowd) >= min_iou for crowd in crowds):
            ignored.append(row)
        else:
            spurious.append(row)
    return Match(tuple(pairs), tuple(sorted(free)), tuple(spurious), tuple(ignored))


def share_inside(instance, region):
    """Share of an instance's area that lies in a region (COCO's overlap with crowds)."""
    if instance.mask is not None and region.mask is not None:
        area = instance.mask.area
        return instance.mask.intersection(region.mask) / area if area else 0.0
    whole = _area(instance.box)
    low, high = (pick(instance.box, region.box) for pick in (np.maximum, np.minimum))
    return _area(np.concatenate([low[:2], high[2:]])) / whole if whole > 0 else 0.0


def _area(box):
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)
