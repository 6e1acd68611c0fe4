import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.errors import ConfigError
from polyclinic.tasks.edge import Edge
from polyclinic.tasks.hierarchy import between, in_order

NAMES = ("quality", "restore", "diagnosis", "grade")


def edge(source, target, **known):
    return Edge(source=source, target=target, **known)


@given(
    st.permutations(NAMES),
    st.sets(st.sampled_from(list(itertools.combinations(NAMES, 2)))),
)
def test_sources_come_before_their_targets(names, pairs):
    edges = [edge(*pair) for pair in sorted(pairs)]
    order = in_order(names, edges)
    assert sorted(order) == sorted(names)
    assert all(order.index(one.source) < order.index(one.target) for one in edges)


def test_without_edges_the_order_stays():
    assert in_order(NAMES[::-1], ()) == list(NAMES[::-1])


def test_the_image_is_no_task_to_wait_for():
    assert in_order(NAMES, [edge("image", "quality")]) == list(NAMES)


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([("quality", "restore"), ("restore", "quality")], "wait for each other"),
        ([("quality", "quality")], "wait for each other"),
        ([("quality", "diagnoses")], "quality -> diagnoses names no task 'diagnoses'.*diagnosis"),
        ([("images", "quality")], "names no task 'images'.*image"),
        ([("quality", "image")], "names no task 'image'"),
        ([("quality", "restore"), ("quality", "restore")], "an edge comes twice"),
    ],
)
def test_edges_that_lead_nowhere_are_refused(edges, message):
    with pytest.raises(ConfigError, match=message):
        in_order(NAMES, [edge(*pair) for pair in edges])


def test_features_and_prediction_may_both_be_passed_on():
    edges = [edge("quality", "grade"), edge("quality", "grade", what="features")]
    assert in_order(NAMES, edges) == list(NAMES)


def test_edges_of_a_task_that_is_left_out_are_left_out():
    edges = [edge("quality", "restore"), edge("image", "restore"), edge("image", "quality")]
    assert between(edges, ["restore"]) == (edges[1],)
