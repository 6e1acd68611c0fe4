import pytest

from tests.tasks.conformance import CHECKS, Candidate
from tests.tasks.networks import (
    CROWDED,
    CROWDED_P3,
    FULL_REFERENCE,
    GRADE,
    GRADE_P3,
    INSTANCES,
    LANDMARKS,
    MASKS,
    MULTILABEL,
    MULTILABEL_P3,
    POINTS,
    QUALITY,
    RESTORE,
    ROBUST_POINTS,
    SEGMENTS,
    SPOTS,
)
from tests.tasks.toy import CrowdedConfig

CANDIDATES = (
    Candidate("instances", INSTANCES),
    Candidate("masks", MASKS, needs=(INSTANCES,)),
    Candidate("landmarks", LANDMARKS, needs=(INSTANCES,)),
    Candidate("segments", SEGMENTS),
    Candidate("points", POINTS),
    Candidate("points", ROBUST_POINTS),
    Candidate("points", SPOTS),
    Candidate("classes_crowded", CROWDED),
    Candidate("classes_crowded", CROWDED_P3),
    Candidate("grades_grade", GRADE),
    Candidate("grades_grade", GRADE_P3),
    Candidate("multilabel", MULTILABEL),
    Candidate("multilabel", MULTILABEL_P3),
    Candidate("quality", QUALITY),
    Candidate("quality", FULL_REFERENCE),
    Candidate("restore", RESTORE),
    Candidate("crowded", CrowdedConfig()),
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda candidate: candidate.name)
def test_task(candidate, check):
    check(candidate)
