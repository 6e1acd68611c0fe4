"""Whether two readings of one image agree up to rounding."""

from __future__ import annotations

import numpy as np
import pytest

BOX_PX, SHARE, MASK_IOU, GREY = 1e-2, 1e-4, 0.98, 1


def assert_alike(first, second):
    """Instances may come in another order where their scores are equal up to rounding."""
    assert (first.instances is None) == (second.instances is None)
    assert len(first.instances or ()) == len(second.instances or ())
    partners = list(second.instances or ())
    for mine in first.instances or ():
        theirs = min(partners, key=lambda one: _apart(mine, one))
        partners.remove(theirs)
        _same_instance(mine, theirs)
    assert first.findings.keys() == second.findings.keys()
    for label, shares in first.findings.items():
        assert second.findings[label] == pytest.approx(shares, abs=SHARE)
    assert first.quality == pytest.approx(second.quality, abs=SHARE)
    assert len(first.flags) == len(second.flags)
    assert (first.restored is None) == (second.restored is None)
    if first.restored is not None:
        assert first.restored.dtype == second.restored.dtype
        assert np.abs(first.restored.astype(int) - second.restored).max() <= GREY
    assert first.spacing == second.spacing
    assert first.provenance == second.provenance
    names = [(one.name, one.unit) for one in first.measurements]
    assert sorted(names) == sorted((one.name, one.unit) for one in second.measurements)


def _apart(first, second):
    return np.abs(first.box - second.box).max() + 1e4 * (first.category != second.category)


def _same_instance(first, second):
    assert first.category == second.category
    assert np.abs(first.box - second.box).max() <= BOX_PX
    assert first.score == pytest.approx(second.score, abs=SHARE)
    assert (first.mask is None) == (second.mask is None)
    if first.mask is not None:
        assert first.mask.iou(second.mask) > MASK_IOU
    assert (first.landmarks is None) == (second.landmarks is None)
    if first.landmarks is not None:
        # The highest of two equal peaks is a matter of rounding, in networks that learnt little.
        assert np.median(np.abs(first.landmarks - second.landmarks)) <= 5 * BOX_PX
        sure = np.abs(first.landmark_confidence - second.landmark_confidence)
        assert np.median(sure) <= SHARE
