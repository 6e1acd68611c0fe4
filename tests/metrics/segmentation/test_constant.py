import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.metrics.segmentation import ConstantMask, dice, masked_cases, pixel_counts
from polyclinic.reading import Reading
from polyclinic.sample import Instance, Mask, Sample
from tests.metrics.segmentation.regions import SHAPES, regions


@st.composite
def cohorts(draw):
    """Annotated masks of one shape, and how often each counts."""
    shape = draw(SHAPES)
    masks = draw(st.lists(regions(shape), min_size=1, max_size=5))
    weights = [draw(st.integers(0, 3)) for _ in masks]
    return masks, np.array(weights, float)


def cases_of(masks, **known):
    found = []
    for number, region in enumerate(masks):
        mask = Mask.from_array(region)
        instance = Instance(box=np.zeros(4), mask=mask, **known)
        sample = Sample(image_id=number, size=region.shape, instances=(instance,))
        found.append((sample, Reading(image_id=number, size=region.shape, instances=())))
    return found


@settings(deadline=None)
@given(cohorts())
def test_the_dice_of_what_most_annotations_hold(cohort):
    masks, weights = cohort
    constant = ConstantMask.of(masked_cases(cases_of(masks), 0.5))
    repeated = np.repeat(masks, weights.astype(int), axis=0)
    answer = repeated.mean(0) > 0.5 if len(repeated) else None
    expected = [dice(pixel_counts(region, answer)) for region in repeated]
    there = np.array([value for value in expected if np.isfinite(value)], float)
    value = constant.mean_dice(weights[None])[0]
    assert value == pytest.approx(there.mean() if len(there) else np.nan, nan_ok=True)


def test_there_is_none_for_images_of_two_sizes_or_with_crowds():
    one, other = np.ones((3, 4), bool), np.ones((4, 3), bool)
    assert ConstantMask.of(masked_cases(cases_of([one, one]), 0.5)) is not None
    assert ConstantMask.of(masked_cases(cases_of([one, other]), 0.5)) is None
    mixed = [*cases_of([one]), *cases_of([one], crowd=True)]
    assert ConstantMask.of(masked_cases(mixed, 0.5)) is None
