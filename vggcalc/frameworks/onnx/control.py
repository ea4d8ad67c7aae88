"""Branches and loops of ONNX: of a branch the one that is taken, of a loop each of its turns, where that is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from vggcalc.frameworks.onnx.call import Known, Value
from vggcalc.frameworks.onnx.proto import Node
from vggcalc.frameworks.onnx.wire import Message
from vggcalc.frameworks.program import UnknownOperationError

CONTROL = ("If", "Loop")
"""Operations with graphs of their own."""


class Reader(Protocol):
    """Whoever reads graphs."""

    def within(self, message: Message, given: Sequence[Value | None]) -> list[Value | None]:
        """What a graph inside another one gives that reads these."""


def controlled(reader: Reader, node: Node, read: Sequence[Value | None]) -> list[Value | None]:
    """What a branch or loop gives.

    Raises: UnknownOperationError where the file does not say which branch is taken, or how often a loop turns.
    """
    return _branch(reader, node, read) if node.op == "If" else _loop(reader, node, read)


def _branch(reader: Reader, node: Node, read: Sequence[Value | None]) -> list[Value | None]:
    if not read:
        raise UnknownOperationError("it reads no condition")
    chosen = "then_branch" if _truth(read[0], "which branch is taken") else "else_branch"
    return reader.within(_body(node, chosen), ())


def _loop(reader: Reader, node: Node, read: Sequence[Value | None]) -> list[Value | None]:
    """A number of turns, or a condition that ends them; values go from turn to turn."""
    limit, condition, *carried = [*read, None, None][: max(len(read), 2)]
    turns = _count(limit)
    goes_on = condition is None or _truth(condition, "whether a loop turns")
    body = _body(node, "body")
    if len(node.outputs) > len(carried):
        raise UnknownOperationError("a loop that collects what it makes")
    turn = 0
    while goes_on and (turns is None or turn < turns):
        body.fields.count()  # a turn is as much work as a field, and its graph is read again
        given: list[Any] = [Known((), (turn,)), Known((), (True,)), *carried]
        after, *carried = reader.within(body, given) or (None,)
        goes_on = _truth(after, "whether a loop turns again")
        turn += 1
    return carried


def _body(node: Node, name: str) -> Message:
    found = node.attributes.get(name)
    if not isinstance(found, Message):
        raise UnknownOperationError("it has no graph")
    return found


def _truth(value: Value | None, what: str) -> bool:
    if not isinstance(value, Known) or len(value.values) != 1:
        raise UnknownOperationError(f"the file does not say {what}")
    return bool(value.values[0])


def _count(value: Value | None) -> int | None:
    """How often at most; None where there is no limit."""
    if value is None:
        return None
    if not isinstance(value, Known) or len(value.values) != 1:
        raise UnknownOperationError("the file does not say how often a loop turns")
    return int(value.values[0])
