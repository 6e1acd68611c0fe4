"""A judged reader of whole images: diagnosis, quality and restoration, all made up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from polyclinic.data import Cohort, read_image
from polyclinic.data.grey import UNKNOWN
from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.evaluation.judging import judge_cases, with_intervals
from polyclinic.evaluation.subject import Subject
from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.reading import Reading
from polyclinic.recipes.judge import read_cases
from polyclinic.sample import Sample

VALUES = ("IgA", "membranous", "lupus")
SIZE = 96


def make_cohort(folder, patients=9, images=4):
    """Blurred images beside their sharp partners; an image of level 0 is its own partner."""
    random = np.random.default_rng(0)
    samples = []
    for number in range(patients * images):
        patient, level = number // images, number % images
        spots = gaussian_filter(random.random((SIZE, SIZE)) > 0.97, 1.2, output=float)
        sharp = np.stack([0.2 * spots, spots, 0.4 * spots], 2) / spots.max()
        blurred = gaussian_filter(sharp, (level, level, 0))
        files = [folder / f"{number}.png", folder / f"{number}_sharp.png"]
        for file, pixels in zip(files, (blurred, sharp), strict=True):
            Image.fromarray(np.rint(255 * pixels).astype(np.uint8)).save(file)
        samples.append(
            Sample(
                image_id=number,
                size=(SIZE, SIZE),
                file=str(files[0]),
                sharp_file=str(files[1]),
                patient_id=f"p{patient}",
                labels={"label": VALUES[patient % 3], "quality": level / (images - 1)},
            )
        )
    return Cohort(samples=tuple(samples), name="fields.csv")


class Fake:
    """Knows the answers, but for noise; sharpens by an unsharp mask."""

    grey = UNKNOWN
    classes, landmark_schema, provenance = (), None, {}

    def with_candidates(self):
        return self

    def read_beside(self, samples):
        for sample in samples:
            seen = replace(sample, image=read_image(sample.file))
            yield seen, self._reading(seen)

    def _reading(self, sample):
        random = np.random.default_rng(sample.image_id)
        shares = random.dirichlet(np.ones(3)) + np.eye(3)[VALUES.index(sample.labels["label"])] / 2
        true = sample.labels["quality"]
        badness = float(np.clip(true**2 + random.normal(0, 0.05), 0, 1))
        image = sample.pixels.astype(float)
        sharpened = image + badness * (image - gaussian_filter(image, (3, 3, 0)))
        restored = np.rint(sharpened.clip(0, 255)).astype(np.uint8)
        return Reading(
            image_id=sample.image_id,
            size=sample.size,
            file=sample.file,
            patient_id=sample.patient_id,
            findings={"label": dict(zip(VALUES, (shares / shares.sum()).tolist(), strict=True))},
            quality={"quality": badness},
            restored=restored if badness > 0.1 else sample.pixels,
            flags=("take it again: quality is poor",) if badness > 0.6 else (),
        )


def make_evaluation(folder):
    """The reader judged on the cohort."""
    cohort, reader = make_cohort(folder), Fake()
    subject = Subject(
        name="fake",
        path=folder,
        part="all",
        cases=read_cases(reader, cohort, range(len(cohort))),
        accept=0.5,
        provenance={},
        look_again=lambda sample: next(reader.read_beside([sample])),
    )
    judged = judge_cases(subject, subject.cases)
    return Evaluation(
        subject=subject,
        cohort=cohort,
        reported=judged.reported,
        pairs=judged.pairs,
        figures=judged.figures,
        metrics=with_intervals(
            judged.figures, patient_rows([sample for sample, _ in judged.reported])
        ),
    )
