"""What a data set can't teach, and settings that can't be built."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from polyclinic.data.facts import gather_facts
from polyclinic.errors import ConfigError
from polyclinic.tasks.instances import InstancesConfig, ProposalConfig
from polyclinic.tasks.landmarks import LandmarksConfig
from polyclinic.tasks.masks import MasksConfig
from tests.tasks.networks import INSTANCES, LANDMARKS, MASKS, build, painted_facts
from tests.tasks.painting import paint_sample

SAMPLE = paint_sample(0)
ALL = (INSTANCES, MASKS, LANDMARKS)


def reasons(facts):
    return [config.left_out(facts) for config in ALL]


def test_everything_annotated_leaves_nothing_out():
    assert reasons(painted_facts([SAMPLE])) == [None, None, None]


def test_kinds_that_nobody_annotated_are_left_out():
    bare = tuple(replace(one, mask=None, landmarks=None) for one in SAMPLE.instances)
    facts = painted_facts([replace(SAMPLE, instances=bare)])
    assert reasons(facts) == [
        None,
        "no image to train on has a mask",
        "no image to train on has landmarks",
    ]
    facts = painted_facts([replace(SAMPLE, instances=None)])
    assert reasons(facts)[0] == "no image to train on has annotated instances"


def test_without_classes_no_region_can_be_made():
    unnamed = tuple(replace(one, category=None) for one in SAMPLE.instances)
    facts = gather_facts([replace(SAMPLE, instances=unnamed)], (), None)
    assert reasons(facts) == ["the data set names no classes"] * 3


@pytest.mark.parametrize("config", [MasksConfig, LandmarksConfig])
@pytest.mark.parametrize("levels", [["p1"], ["p2", "p4"], ["p3", "p2"], ["q2"], []])
def test_levels_must_exist_side_by_side(config, levels):
    with pytest.raises(ConfigError, match=r"\.levels: levels .*neighbouring levels of p2, p3"):
        build((INSTANCES, config.parse({"levels": levels})), painted_facts([SAMPLE]))


@pytest.mark.parametrize(
    "values",
    [
        {"levels": ["p2", "p3"]},
        {"ratios": []},
        {"ratios": [0.5, -1]},
        {"foreground_iou": 0.2},
        {"sampled": 0},
        {"before_nms": [0, 100]},
    ],
)
def test_proposal_settings_that_do_not_fit_are_refused(values):
    with pytest.raises(ValidationError):
        ProposalConfig(**values)
    with pytest.raises(ConfigError):
        InstancesConfig.parse({"proposals": values})
