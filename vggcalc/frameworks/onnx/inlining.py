"""Functions that a file brings with it, put in the place of the nodes that call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vggcalc.errors import Problem, SpecError
from vggcalc.frameworks.onnx.proto import Argument, Function, Graph, Node
from vggcalc.frameworks.onnx.wire import Fields, Message

Functions = Mapping[tuple[str, str], Function]
"""By domain and name."""


def inlined(graph: Graph, functions: Functions, fields: Fields) -> Graph:
    """The graph, with the nodes of a function in place of each that calls it; each counts as a field of the file.

    A function whose nodes have graphs of their own is left as it is, an operation that nobody entered.

    Raises: SpecError where functions call each other in a circle.
    """
    if functions:
        graph.nodes = [made for node in graph.nodes for made in _expanded(node, functions, fields, ())]
    return graph


def _expanded(node: Node, functions: Functions, fields: Fields, within: tuple[tuple[str, str], ...]) -> list[Node]:
    key = (node.domain, node.op)
    function = functions.get(key)
    fields.count()
    if function is None or any(isinstance(value, Message) for each in function.nodes for value in _given(each)):
        return [node]
    if key in within:
        raise SpecError(Problem(f"the function {node.op} calls itself", "a network has no circles", code="circular"))
    names = dict(zip(function.inputs, node.inputs, strict=False))
    names |= dict.fromkeys(function.inputs[len(node.inputs) :], "")
    names |= dict(zip(function.outputs, node.outputs, strict=False))
    attributes = {**function.defaults, **node.attributes}
    found: list[Node] = []
    for each in function.nodes:
        made = Node(
            each.op,
            each.domain,
            f"{node.name}/{each.name}",
            tuple(_renamed(name, names, node.name) for name in each.inputs),
            tuple(_renamed(name, names, node.name) for name in each.outputs),
            {key: value for key, value in _bound(each.attributes, attributes).items() if value is not None},
        )
        found += _expanded(made, functions, fields, (*within, key))
    return found


def _given(node: Node) -> list[Any]:
    return list(node.attributes.values())


def _renamed(name: str, names: Mapping[str, str], caller: str) -> str:
    """What a value in a function is called outside of it."""
    return names.get(name, f"{caller}/{name}") if name else ""


def _bound(own: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes, of which some are those of the node that calls the function."""
    return {key: given.get(value.name) if isinstance(value, Argument) else value for key, value in own.items()}
