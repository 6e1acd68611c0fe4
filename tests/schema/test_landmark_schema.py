import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.errors import DataError
from polyclinic.schema import LandmarkSchema
from polyclinic.schema.nailfold import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS


@st.composite
def schemas(draw):
    names = draw(st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=8, unique=True))
    order = draw(st.permutations(names))
    pairs = draw(st.integers(0, len(names) // 2))
    swaps = tuple((order[2 * i], order[2 * i + 1]) for i in range(pairs))
    return LandmarkSchema(names=tuple(names), swaps=swaps)


@given(schemas())
def test_mirroring_twice_is_the_identity(schema):
    order = schema.mirror_order
    assert np.array_equal(order[order], np.arange(len(schema)))
    assert sum(order != np.arange(len(schema))) == 2 * len(schema.swaps)


@given(schemas())
def test_json_gives_the_schema_back(schema):
    assert LandmarkSchema.from_json(json.loads(json.dumps(asdict(schema)))) == schema


@pytest.mark.parametrize(
    ("faulty", "message"),
    [
        ({"names": ("a", "a")}, "repeat"),
        ({"names": ("a", "b"), "swaps": (("a", "c"),)}, "'c' is not in the schema"),
        ({"names": ("a", "b", "c"), "swaps": (("a", "b"), ("b", "c"))}, "two swap pairs"),
        ({"names": ("a", "b"), "skeleton": (("a", "d"),)}, "'d' is not in the schema"),
        ({"names": ("a", "b"), "sigmas": (0.1,)}, "1 sigmas"),
    ],
)
def test_faulty_schemas_are_refused(faulty, message):
    with pytest.raises(DataError, match=message):
        LandmarkSchema(**faulty)


def test_nailfold_swaps_as_published():
    """Fact sheet: LL<->RR, LR<->RL, LB<->RB; U and D stay."""
    mirrored = [NAILFOLD_LANDMARKS.names[row] for row in NAILFOLD_LANDMARKS.mirror_order]
    assert mirrored == [
        "up",
        "down",
        "right_right",
        "right_left",
        "left_right",
        "left_left",
        "right_bottom",
        "left_bottom",
    ]
    assert NAILFOLD_CLASSES.index("haemorrhage") == 2
    assert NAILFOLD_CLASSES.index("abnormal") == 3


def test_index_names_what_is_known():
    assert NAILFOLD_LANDMARKS.index("down") == 1
    with pytest.raises(DataError, match="left_left"):
        NAILFOLD_LANDMARKS.index("apex")
