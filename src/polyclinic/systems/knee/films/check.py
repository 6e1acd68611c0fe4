"""Whether a cohort of films can teach where knees are."""

from __future__ import annotations

from polyclinic.data.cohort import Cohort
from polyclinic.errors import DataError
from polyclinic.schema import KNEE_CLASSES
from polyclinic.schema.knee import IMPLANT, KNEE, NATIVE
from polyclinic.systems.knee.films.config import FilmConfig


def check_films(cohort: Cohort, config: FilmConfig) -> None:
    """Make sure that knees have landmarks, known sides and a scale.

    Raises:
        DataError: they don't.
    """
    if cohort.landmark_schema is None or not cohort.facts().annotates("landmarks"):
        raise DataError(
            "no knee has landmarks",
            expected="columns such as tibia_0_x and tibia_0_y, or COCO keypoints",
            where=cohort.name,
        )
    if len(cohort.classes) > 1 and set(cohort.classes) != set(KNEE_CLASSES):
        raise DataError(
            f"the objects are of the classes {', '.join(cohort.classes)}",
            expected=f"{' and '.join(KNEE_CLASSES)}, or one class for all knees",
            where=cohort.name,
        )
    said = {one.labels.get(KNEE, NATIVE) for s in cohort.samples for one in s.instances or ()}
    if unknown := sorted(str(value) for value in said - {NATIVE, IMPLANT}):
        raise DataError(
            f"knees have the label knee = {', '.join(unknown)}",
            expected=f"{NATIVE} or {IMPLANT}; a knee that is not on a film has no annotation",
            where=cohort.name,
        )
    unscaled = [sample for sample in cohort.samples if not sample.spacing.known]
    if unscaled and config.spacing_mm is None:
        first = unscaled[0].file or str(unscaled[0].image_id)
        raise DataError(
            f"{len(unscaled)} of {len(cohort)} films have no physical scale, {first} first",
            expected="spacing_mm of each film, or a spacing tag in its DICOM file",
            where=cohort.name,
            hint="--set film.spacing_mm=0.2 states one for all of them",
        )
