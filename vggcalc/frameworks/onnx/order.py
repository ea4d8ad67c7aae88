"""The nodes of a graph in an order in which each comes behind those that write what it reads."""

from __future__ import annotations

from collections import deque

from vggcalc.errors import Problem, SpecError
from vggcalc.frameworks.onnx.proto import Graph, Node


def ordered(graph: Graph) -> list[Node]:
    """All nodes; those of a file are mostly in order already, and then stay so.

    Raises: SpecError where nodes read each other in a circle, or two write the same value.
    """
    writers: dict[str, int] = {}
    for place, node in enumerate(graph.nodes):
        for name in filter(None, node.outputs):
            if name in writers:
                wrong = f"both {graph.nodes[writers[name]].name} and {node.name} write '{name}'"
                raise SpecError(Problem(wrong, "a value is written once", code="name-taken"))
            writers[name] = place
    waits = [{writers[name] for name in node.inputs if name in writers} for node in graph.nodes]
    if all(place > max(each, default=-1) for place, each in enumerate(waits)):
        return graph.nodes
    followers: dict[int, list[int]] = {}
    for place, each in enumerate(waits):
        for before in each:
            followers.setdefault(before, []).append(place)
    left = [len(each) for each in waits]
    ready = deque(place for place, count in enumerate(left) if count == 0)
    found: list[Node] = []
    while ready:
        place = ready.popleft()
        found.append(graph.nodes[place])
        for follower in followers.get(place, ()):
            left[follower] -= 1
            if left[follower] == 0:
                ready.append(follower)
    if len(found) < len(graph.nodes):
        name = next(graph.nodes[place].name for place, count in enumerate(left) if count)
        raise SpecError(Problem(f"{name} reads what comes of it", "a network has no circles", code="circular"))
    return found
