"""Members that err on their own are worse than what is fused of them."""

import numpy as np
import pytest

from polyclinic.metrics.matching import match_instances
from polyclinic.reading import Reading
from polyclinic.runtime.fuse import fuse_readings
from polyclinic.sample import Instance, Mask

SIZE, MEMBERS, IMAGES, OBJECTS = (160, 160), 5, 12, 6
ROWS, COLUMNS = np.indices(SIZE)


def disc(x, y, radius, score=None):
    mask = Mask.from_array((ROWS - y) ** 2 + (COLUMNS - x) ** 2 <= radius**2)
    return Instance(box=mask.box(), mask=mask, score=score)


def read_badly(truth, random):
    """Each disc is missed now and then and drawn a little off; some are made up."""
    found = [
        disc(*(random.normal(place, 2.0)), radius + random.normal(), random.uniform(0.5, 1))
        for *place, radius in truth
        if random.random() > 0.2
    ]
    found += [disc(*random.uniform(10, 150, 2), 8, random.uniform(0.3, 0.9)) for _ in range(3)]
    return Reading(image_id=1, size=SIZE, instances=tuple(found))


def quality(truth, reading):
    """F1 at the threshold that suits the reading best, and the mean IoU of what is found there."""
    true = [disc(*one) for one in truth]
    figures = []
    for accept in np.arange(0.1, 0.9, 0.1):
        match = match_instances(true, reading.instances, min_score=accept)
        hits = len(match.pairs)
        f1 = 2 * hits / (2 * hits + len(match.missed) + len(match.spurious))
        ious = [true[a].mask.iou(reading.instances[f].mask) for a, f in match.pairs]
        figures.append((f1, float(np.mean(ious)) if ious else 0.0))
    return max(figures)


@pytest.fixture(scope="module")
def figures():
    """(IMAGES, 2) of the fused readings; the same, mean over members; agreements."""
    random = np.random.default_rng(0)
    fused, alone, agreed = [], [], []
    for _ in range(IMAGES):
        places = random.permutation([(x, y) for x in (30, 80, 130) for y in (40, 120)])
        truth = [(x, y, random.uniform(9, 14)) for x, y in places[:OBJECTS]]
        readings = [read_badly(truth, random) for _ in range(MEMBERS)]
        together = fuse_readings(readings, {})
        fused.append(quality(truth, together))
        alone.append(np.mean([quality(truth, one) for one in readings], axis=0))
        agreed.append(together.quality["agreement"])
    return np.array(fused), np.array(alone), agreed


def test_fusion_finds_more_and_draws_better(figures):
    fused, alone, _ = figures
    f1, iou = (fused - alone).mean(0)
    assert f1 > 0.1
    assert iou > 0.03


def test_members_that_err_apart_agree_in_part(figures):
    assert all(0.1 < one < 0.9 for one in figures[2])
