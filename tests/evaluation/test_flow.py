import numpy as np

from polyclinic.evaluation.flow import Count, participant_flow
from polyclinic.reading import Reading
from polyclinic.sample import Sample


def case(image, label, read):
    """A labelled image that was read or could not be."""
    labels = {} if label is None else {"grade": label}
    said = {"findings": {"grade": {"0": 0.5, "1": 0.5}}} if read else {"error": "truncated"}
    return (
        Sample(image_id=image, size=(4, 4), labels=labels),
        Reading(image_id=image, size=(4, 4), **said),
    )


def test_every_image_and_every_patient_is_somewhere():
    cases = [
        case(1, 0, True),
        case(2, 1, False),
        case(3, None, True),
        case(4, 1, False),
        case(5, None, False),
    ]
    (flow,) = participant_flow(cases, np.array([0, 0, 0, 1, 2]))
    assert flow.task == "grade"
    assert flow.found == Count(images=5, patients=3)
    assert flow.not_annotated == Count(images=2, patients=1)
    assert flow.unreadable == Count(images=2, patients=1)
    assert flow.used == Count(images=1, patients=1)
    parts = flow.not_annotated, flow.unreadable, flow.used
    assert sum(part.images for part in parts) == flow.found.images
    assert sum(part.patients for part in parts) == flow.found.patients


def test_nothing_annotated_is_no_task():
    assert participant_flow([case(1, None, True)], np.zeros(1, int)) == ()
