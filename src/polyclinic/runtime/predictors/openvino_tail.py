"""Cut a graph where the last product of an answer begins, so that it can be more exact there.

In bfloat16 numbers around 20 are an eighth apart. Where a heat map is rounded so before its middle
is taken, the middle moves by a fraction of a pixel that is measured afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

from polyclinic.runtime.predictors.openvino_silent import openvino, opset

MULTIPLYING = frozenset({"Convolution", "GroupConvolution", "ConvolutionBackpropData", "MatMul"})
JOINT = "joint."
"""Begins the names of arrays that join the two parts."""


def split_tail(
    model: openvino.Model, answers: Sequence[str]
) -> tuple[openvino.Model, openvino.Model] | None:
    """The part of a graph before the last products of some answers, and the part from there.

    The graph is used up. None where the answers come from no product.

    Args:
        model: the graph.
        answers: names of outputs.
    """
    last = last_products(model, answers)
    if not last:
        return None
    tail = _behind(model, last)
    joints: dict[tuple[str, int], tuple[openvino.Output, openvino.Node]] = {}
    for node in model.get_ordered_ops():
        if node.get_friendly_name() not in tail:
            continue
        for put in node.inputs():
            source = put.get_source_output()
            origin = source.get_node()
            name = origin.get_friendly_name()
            if name in tail or origin.get_type_name() == "Constant":
                continue
            place = (name, source.get_index())
            if place not in joints:
                joints[place] = (source, _entry(source, f"{JOINT}{len(joints)}"))
            put.replace_source_output(joints[place][1].output(0))
    ends = [_exit(source, entry.get_friendly_name()) for source, entry in joints.values()]
    results = model.get_results()
    moved = [one for one in results if one.get_friendly_name() in tail]
    kept = [one for one in results if one.get_friendly_name() not in tail]
    return (
        openvino.Model([*ends, *kept], model.get_parameters()),
        openvino.Model(moved, [entry for _, entry in joints.values()]),
    )


def last_products(model: openvino.Model, answers: Sequence[str]) -> set[str]:
    """Names of the products between which and an answer there is no other."""
    waiting = [one.get_node() for name in answers for one in [model.output(name)]]
    seen: set[str] = set()
    found: set[str] = set()
    while waiting:
        node = waiting.pop()
        name = node.get_friendly_name()
        if name in seen:
            continue
        seen.add(name)
        if node.get_type_name() in MULTIPLYING:
            found.add(name)
        else:
            waiting += [put.get_source_output().get_node() for put in node.inputs()]
    return found


def _behind(model: openvino.Model, first: set[str]) -> set[str]:
    """Names of these nodes and of all that come from them."""
    found = set(first)
    for node in model.get_ordered_ops():
        sources = (put.get_source_output().get_node() for put in node.inputs())
        if any(one.get_friendly_name() in found for one in sources):
            found.add(node.get_friendly_name())
    return found


def _entry(source: openvino.Output, name: str) -> openvino.Node:
    entry = opset.parameter(source.get_partial_shape(), source.get_element_type(), name=name)
    entry.output(0).set_names({name})
    return entry


def _exit(source: openvino.Output, name: str) -> openvino.Node:
    result = opset.result(source)
    result.set_friendly_name(name)
    return result
