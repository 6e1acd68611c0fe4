"""Readers of grades that learn no features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score, make_scorer
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from polyclinic.data import Cohort
from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Values
from polyclinic.reading import Reading
from polyclinic.recipes.assemble import assemble
from polyclinic.recipes.diagnose import Diagnose, DiagnoseConfig
from polyclinic.sample import Sample
from polyclinic.tasks import collate
from polyclinic.tasks.prepare import prepare_reading

STRENGTHS = tuple(10.0 ** np.arange(-5, 3))
FOLDS = 5


def encoder_features(
    cohort: Cohort, config: DiagnoseConfig, train: Sequence[int], rows: Sequence[int]
) -> Values:
    """(N, F) means of the encoder's coarsest map, with the weights that a training starts from.

    Args:
        cohort: of the images.
        config: names the encoder, the seed of its weights and the size of images.
        train: what the network is built for.
        rows: the images, in order.
    """
    facts = cohort.training_facts(tuple(train))
    encoder = assemble(Diagnose(), config, facts).network.eval().encoder
    seen = []
    with torch.no_grad():
        for row in rows:
            prepared, _ = prepare_reading(cohort.load(row), config.data.frame)
            images = collate([prepared]).images / 255
            height, width = prepared.image.shape[1:]
            coarsest = encoder(images[..., :height, :width])[-1]
            seen.append(coarsest.mean((2, 3))[0].numpy().astype(float))
    return np.array(seen)


def logistic(features: Values, grades: NDArray[Any], seed: int) -> GridSearchCV:
    """Logistic regression with an L2 penalty on standardised features.

    Its strength, and whether grades weigh alike, are chosen by quadratic kappa in a
    cross-validation of the given images.

    Args:
        features: (N, F) of the training images.
        grades: (N,) of the same.
        seed: of the folds.
    """
    folds = min(FOLDS, np.unique(grades, return_counts=True)[1].min())
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=10_000)),
        {
            "logisticregression__C": STRENGTHS,
            "logisticregression__class_weight": [None, "balanced"],
        },
        scoring=make_scorer(cohen_kappa_score, weights="quadratic"),
        cv=StratifiedKFold(int(folds), shuffle=True, random_state=seed),
    )
    return search.fit(features, grades)


def commonest(samples: Sequence[Sample], label: str, grades: NDArray[Any]) -> list[Case]:
    """The shares of the training grades for every image: the commonest is the answer."""
    values, counts = np.unique(grades, return_counts=True)
    return stated(samples, label, values, np.tile(counts / counts.sum(), (len(samples), 1)))


def stated(
    samples: Sequence[Sample], label: str, values: Sequence[Any], probabilities: Values
) -> list[Case]:
    """Readings that state (N, C) probabilities of C values, each beside its sample."""
    return [
        (
            sample,
            Reading(
                image_id=sample.image_id,
                size=sample.size,
                findings={label: {str(v): float(p) for v, p in zip(values, row, strict=True)}},
            ),
        )
        for sample, row in zip(samples, probabilities, strict=True)
    ]
