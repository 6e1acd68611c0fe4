"""What goes along the edges of a hierarchy, and where gradients stop."""

import pytest
import torch

from polyclinic.errors import ConfigError
from polyclinic.tasks.edge import Edge
from polyclinic.tasks.hierarchy import named_tasks
from tests.tasks.conformance import SAMPLES
from tests.tasks.networks import (
    CROWDED,
    GRADE,
    QUALITY,
    RESTORE,
    SEGMENTS,
    batch_of,
    build,
    painted_facts,
)
from tests.tasks.toy import CrowdedConfig

FACTS = painted_facts(SAMPLES)


def through_image(detach):
    return (Edge(source="restore", target="grades_grade", detach=detach),)


def test_an_image_is_looked_at_by_the_second_encoder():
    """The channels of its coarsest map stand beside those of the first."""
    network = build((RESTORE, GRADE), FACTS, edges=through_image(False)).eval()
    alone = build((GRADE,), FACTS)
    width = network.encoder.channels[-1]
    head, plain = (one.tasks["grades_grade"].head[-1] for one in (network, alone))
    assert head.in_features == plain.in_features + width
    scene = network.look(batch := batch_of(network, SAMPLES))
    network.feed(network.task_list[1], scene)
    restored = scene.outlook(network.task_list[0]).prediction
    expected = scene.mean_of(network.second(restored)[-1])
    torch.testing.assert_close(scene.fed_vector("grades_grade"), expected)
    assert scene.fed_vector("restore") is None
    assert [list(one) for one in network.predict(batch)] == [["restore", "grades_grade"]] * 3


def test_without_a_second_encoder_the_first_looks_again():
    network = build((RESTORE, GRADE), FACTS, edges=through_image(False)).eval()
    network.second = None
    scene = network.look(batch_of(network, SAMPLES))
    network.feed(network.task_list[1], scene)
    restored = scene.outlook(network.task_list[0]).prediction
    expected = scene.mean_of(network.encoder(restored)[-1])
    torch.testing.assert_close(scene.fed_vector("grades_grade"), expected)


@pytest.mark.parametrize("detach", [True, False])
def test_gradients_go_back_through_the_image_unless_they_stop(detach):
    network = build((RESTORE, GRADE), FACTS, edges=through_image(detach)).train()
    network(batch_of(network, SAMPLES))["grades_grade"].total.backward()
    reached = [one.grad is not None for one in network.tasks["restore"].parameters()]
    assert not any(reached) if detach else any(reached)
    assert all(one.grad is not None for one in network.second.parameters())


def test_the_image_itself_may_be_looked_at_twice():
    edges = (Edge(source="image", target="grades_grade"),)
    network = build((GRADE,), FACTS, edges=edges).eval()
    scene = network.look(batch_of(network, SAMPLES))
    network.feed(network.task_list[0], scene)
    expected = scene.mean_of(network.second(scene.images)[-1])
    torch.testing.assert_close(scene.fed_vector("grades_grade"), expected)


def test_vectors_need_no_second_encoder_and_stand_in_the_order_of_the_edges():
    edges = (
        Edge(source="quality", target="grades_grade", what="features"),
        Edge(source="classes_crowded", target="grades_grade"),
    )
    network = build((QUALITY, CROWDED, GRADE), FACTS, edges=edges).eval()
    assert network.second is None
    scene = network.look(batch_of(network, SAMPLES))
    for task in network.task_list:
        network.feed(task, scene)
    quality, crowded, _ = network.task_list
    expected = [scene.outlook(quality).features, scene.outlook(crowded).prediction]
    torch.testing.assert_close(scene.fed_vector("grades_grade"), torch.cat(expected, 1))


def test_batches_are_read_as_single_images_are():
    edges = (Edge(source="quality", target="restore", detach=True), *through_image(False))
    network = build((QUALITY, RESTORE, GRADE), FACTS, edges=edges).eval()
    together = network.predict(batch_of(network, SAMPLES))
    for sample, found in zip(SAMPLES, together, strict=True):
        (alone,) = network.predict(batch_of(network, [sample]))
        for task, prediction in found.items():
            for name, value in prediction.items():
                torch.testing.assert_close(value, alone[task][name], rtol=1e-4, atol=1e-5)


def test_a_task_that_offers_nothing_is_named():
    edges = (Edge(source="crowded", target="grades_grade"),)
    with pytest.raises(ConfigError, match="crowded has no prediction to pass on"):
        build((CrowdedConfig(), GRADE), FACTS, edges=edges)


def test_a_task_that_looks_at_nothing_that_is_passed_on_is_named():
    """Else the edge would be there and change nothing."""
    edges = (Edge(source="quality", target="segments"),)
    with pytest.raises(ConfigError, match="quality -> segments: segments does not look at"):
        build((QUALITY, SEGMENTS), FACTS, edges=edges)


def test_two_settings_of_one_name_are_refused():
    with pytest.raises(ConfigError, match="two tasks share a name: quality, quality"):
        named_tasks((QUALITY, QUALITY))
