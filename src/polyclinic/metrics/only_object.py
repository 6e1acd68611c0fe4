"""Landmarks of images that hold one object: no box need overlap to know which is which."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyclinic.metrics.case import Case, annotated, found, instance_cases, score_of
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.oks import object_area, sigma_text, similarities
from polyclinic.metrics.pooled import mean_figure, quantile_figure
from polyclinic.sample import Instance

GROUP = "landmarks"


def only_object(instances: Sequence[Instance]) -> Instance | None:
    """The object whose landmarks stand for the image: the largest that has any."""
    marked = [one for one in instances if one.has_visible_landmarks and not one.crowd]
    return max(marked, key=lambda one: float(np.prod(one.box[2:] - one.box[:2])), default=None)


def only_object_figures(cases: Sequence[Case]) -> list[Figure]:
    """Distances and OKS between the only annotated object of an image and the surest found one.

    The figures of landmarks that every reader is judged by ask for boxes that overlap by half,
    and for a score; these ask for neither. An image in which nothing was found has an OKS of 0
    and no distance, and its landmarks are counted as left out. Where nobody drew the size of the
    object there is no OKS.

    Args:
        cases: N samples with readings that hold every candidate; images without annotated
            landmarks don't count.
    """
    schema = next((one.landmark_schema for _, one in cases if one.landmark_schema), None)
    looked = {id(case) for case in instance_cases(cases)}
    marked = [
        (row, true, max(found(case), key=score_of, default=None))
        for row, case in enumerate(cases)
        if id(case) in looked and (true := only_object(annotated(case))) is not None
    ]
    if schema is None or not marked:
        return []
    rows = np.array([row for row, _, _ in marked])
    nothing = np.zeros((len(schema), 3))
    wanted = np.array([true.landmarks for _, true, _ in marked], float)
    read = np.array(
        [nothing if one is None or one.landmarks is None else one.landmarks for *_, one in marked],
        float,
    )
    labelled = wanted[..., 2] > 0
    known = labelled & (read[..., 2] > 0)
    step = read[..., :2] - wanted[..., :2]
    area = np.array([object_area(true) for _, true, _ in marked])
    errors = np.where(known, np.linalg.norm(step, axis=2), np.nan)
    places = np.repeat(rows, len(schema))
    lost = np.bincount(rows, (labelled & ~known).sum(1), minlength=len(cases)).astype(float)
    return [
        mean_figure(
            "only_object_oks",
            similarities(step, labelled, known, area, schema.sigmas),
            rows,
            len(cases),
            meaning="mean object keypoint similarity of the object of each image, wherever its "
            "box was drawn; 0 where nothing was found",
            group=GROUP,
            better="higher",
            setting=sigma_text(schema),
        ),
        mean_figure(
            "only_object_error_mean",
            errors.ravel(),
            places,
            len(cases),
            unit="px",
            meaning="mean distance of landmarks, original pixels, wherever the box was drawn",
            group=GROUP,
            better="lower",
            left_out=lost,
        ),
        quantile_figure(
            "only_object_error_median",
            errors.ravel(),
            places,
            len(cases),
            unit="px",
            meaning="median distance of landmarks, original pixels, wherever the box was drawn",
            group=GROUP,
            better="lower",
            left_out=lost,
        ),
    ]
