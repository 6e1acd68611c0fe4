from __future__ import annotations

import pytest

from polyclinic.data.tables.schema import landmark_schema, read_sidecar, swaps_by_name
from polyclinic.errors import DataError


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (("leftear", "tail", "rightear"), (("leftear", "rightear"),)),
        (("Right_hip", "Left_hip"), (("Right_hip", "Left_hip"),)),
        (("L_knee", "R_knee", "L_hip"), (("L_knee", "R_knee"),)),
        (("eye_l", "eye_r"), (("eye_l", "eye_r"),)),
        (("EYE_LEFT", "EYE_RIGHT"), (("EYE_LEFT", "EYE_RIGHT"),)),
        (("left_right", "right_left"), (("left_right", "right_left"),)),
        (("bright", "tall", "lower", "left"), ()),
    ],
)
def test_swaps_only_where_both_sides_exist(names, pairs):
    assert swaps_by_name(names) == pairs


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "no JSON object"),
        ('{"swaps": []}', "did you mean 'swap'"),
        ('{"swap": [["a", "c"]]}', "'c' is not in the schema"),
        ('{"swap": [["a"]]}', "'swap' can't be read"),
        ('{"skeleton": [[1, 2]]}', "'skeleton' can't be read"),
        ('{"sigmas": [0.1]}', "1 sigmas"),
        ('{"sigmas": [0.1, -1]}', "positive numbers"),
        ('{"mask_classes": {"0": "a"}}', "'mask_classes' can't be read"),
        ('{"mask_classes": ["a"]}', "'mask_classes' can't be read"),
    ],
)
def test_what_can_not_be_read_is_named(tmp_path, text, words):
    (tmp_path / "t.schema.json").write_text(text)
    with pytest.raises(DataError, match=words) as caught:
        landmark_schema(("a", "b"), read_sidecar(tmp_path / "t.csv"))
    assert "t.schema.json" in str(caught.value)
