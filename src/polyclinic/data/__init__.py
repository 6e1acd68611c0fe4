"""Files and annotations to samples; splits and audits."""

from polyclinic.data.check import CohortCheck, check_cohort
from polyclinic.data.coco.write import to_coco, write_coco
from polyclinic.data.cohort import Cohort
from polyclinic.data.facts import Facts
from polyclinic.data.findings import Finding
from polyclinic.data.folds import fold_cohort
from polyclinic.data.images import MAX_PIXELS, MIN_SIDE, image_size, read_image
from polyclinic.data.opening import open_cohort
from polyclinic.data.split import Split, split_cohort

__all__ = [
    "MAX_PIXELS",
    "MIN_SIDE",
    "Cohort",
    "CohortCheck",
    "Facts",
    "Finding",
    "Split",
    "check_cohort",
    "fold_cohort",
    "image_size",
    "open_cohort",
    "read_image",
    "split_cohort",
    "to_coco",
    "write_coco",
]
