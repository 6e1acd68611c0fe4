"""Object keypoint similarity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.detect.objects import BOX_FILL
from polyclinic.sample import Instance
from polyclinic.sample.landmark_box import sizeless
from polyclinic.schema import LandmarkSchema

Values = NDArray[np.float64]


def similarities(
    step: Values,
    labelled: NDArray[np.bool_],
    found: NDArray[np.bool_],
    area: Values,
    sigmas: Sequence[float],
) -> Values:
    """(N,) mean over the labelled landmarks of exp(-d^2 / (2 area (2 sigma)^2)).

    A labelled landmark that was not found adds 0. COCO looks at its coordinates all the same;
    where every landmark is found, the two agree.

    Args:
        step: (N, K, 2) from annotated to found, in pixels.
        labelled: (N, K) whether the landmark was annotated.
        found: (N, K) whether it was found as well.
        area: (N,) of the annotated objects, in square pixels.
        sigmas: (K,) as shares of the object's scale.

    Returns:
        NaN where nothing is labelled, and where the area is not known.

    Source: cocodataset.org, "Keypoint Evaluation"; pycocotools' `computeOks`.
    """
    spread = 2 * (2 * np.asarray(sigmas, float)) ** 2 * (area[:, None] + np.spacing(1))
    likeness = np.where(found, np.exp(-(step**2).sum(2) / spread), 0.0)
    likeness[np.isnan(area)] = np.nan
    count = labelled.sum(1)
    return np.divide(
        (likeness * labelled).sum(1), count, out=np.full(len(step), np.nan), where=count > 0
    )


def sigma_text(schema: LandmarkSchema) -> str:
    """The sigmas that similarities depend on, in words."""
    if len(set(schema.sigmas)) == 1:
        return f"sigma {schema.sigmas[0]:g} of every landmark"
    each = zip(schema.names, schema.sigmas, strict=True)
    return f"sigma {', '.join(f'{name} {sigma:g}' for name, sigma in each)}"


def object_area(instance: Instance) -> float:
    """Pixels of the mask; the share of the box that objects fill on average without a mask.

    NaN where nobody drew a size: a similarity relates to the size, and can't be computed.
    """
    if instance.mask is not None:
        return float(instance.mask.area)
    if sizeless(instance):
        return float("nan")
    x1, y1, x2, y2 = instance.box.tolist()
    return float(BOX_FILL * (x2 - x1) * (y2 - y1))
