"""Calls of a traced program, one after the other, put into layers: live ones and those of an exported program alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.analysis.analyse import analyse
from vggcalc.errors import Mark, Problem, SpecError
from vggcalc.frameworks.program import ConstantError, Held, Program, UnknownOperationError
from vggcalc.frameworks.pytorch import arithmetic, functions, moves, ops, parts, positions
from vggcalc.frameworks.pytorch.call import translate
from vggcalc.frameworks.views import View
from vggcalc.network import Network

TABLES = (ops, functions, moves, parts, positions, arithmetic)
"""The modules that enter operations."""

WORKING = ("linear", "conv1d", "conv2d", "conv3d", "matmul", "bmm", "__matmul__", "einsum")
"""What works on maps elsewhere; on constants no layer is known that does."""

Value = View | Held


class Tracing:
    """A program under way. first: the first input, which what works on constants is said to read."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.first: View | None = None

    def call(
        self, operation: str, args: Sequence[Any], kwargs: dict[str, Any], read: Sequence[Value],
        outputs: Sequence[Sequence[int]],
    ) -> list[Value]:  # fmt: skip
        """What a call gives, a value for each of its outputs, which have these sizes; `read` is what it reads.

        A value whose sizes are others than the trace's is not understood, and so unknown.
        """
        views = [value for value in read if isinstance(value, View)]
        if not views:
            return self._of_constants(operation, [value for value in read if isinstance(value, Held)], outputs)
        try:
            found = _listed(translate(self.program, operation, args, kwargs))
        except ConstantError:
            return [Held(tuple(sizes)) for sizes in outputs]
        except UnknownOperationError as error:
            return [self._unknown(operation, views, sizes, str(error)) for sizes in outputs]
        values = [each for each in found if isinstance(each, View | Held)]
        if missing := self._missing(read, values):
            elements = sum(self.program.elements[name] for name in missing)
            self.program.held |= set(missing)
            return [self._unknown(operation, views, sizes, "it leaves parameters out", elements) for sizes in outputs]
        return [
            value
            if value.sizes == tuple(sizes)
            else self._unknown(operation, views, sizes, f"it gives {_said(sizes)}, not {_said(value.sizes)}")
            for value, sizes in zip(values, outputs, strict=False)
        ]

    def _missing(self, read: Sequence[Value], made: Sequence[Value]) -> list[str]:
        """The parameters that a call reads, and that neither a layer has now nor what it gives."""
        given = {name for value in read if isinstance(value, Held) for name in value.trained}
        passed = {name for value in made if isinstance(value, Held) for name in value.trained}
        return sorted(given - self.program.held - passed)

    def _of_constants(self, operation: str, read: Sequence[Held], outputs: Sequence[Sequence[int]]) -> list[Value]:
        """What is made of parameters and constants is held; a layer that works on them is one of unknown work."""
        trained = tuple(dict.fromkeys(name for value in read for name in value.trained))
        if operation in WORKING and trained and outputs:
            elements = sum(self.program.elements[name] for name in trained if name not in self.program.held)
            self.program.held |= set(trained)
            views = [self.first] if self.first else []
            self._unknown(operation, views, outputs[0], "it works on what is no map, as positions are", elements)
            trained = ()
        return [Held(tuple(sizes), trained) for sizes in outputs]

    def _unknown(self, operation: str, views: Sequence[View], sizes: Sequence[int], why: str, held: int = 0) -> View:
        self.program.assembly.notes.append(f"{self.program.name}: {operation} is unknown: {why}")
        return self.program.unknown(operation, views, tuple(sizes), held)


def finished(
    program: Program, outputs: Sequence[Any], name: str, modules: dict[str, int], mark: Mark | None = None
) -> Network:
    """The network of a program whose outputs these are.

    Raises: SpecError where it gives no map, or where its layers do not fit.
    """
    places = [value.map.tensor.place for value in outputs if isinstance(value, View)]
    if not places:
        hint = "it must work on what it is given"
        raise SpecError(Problem("the program gives no map", hint, mark, code="bad-file"))
    network = program.assembly.network(name, tuple(dict.fromkeys(places)))
    return network._replace(modules=modules)


def held_to(program: Program, network: Network, mark: Mark | None = None) -> Network:
    """The network, once it holds as many parameters as the program has; those that no call reads are told.

    Raises: SpecError where it does not.
    """
    left = sorted(set(program.elements) - program.held)
    unread = sum(program.elements[name] for name in left)
    found, own = analyse(network).totals.params or 0, sum(program.elements.values())
    if found + unread != own:
        message = f"the layers hold {found:,} parameters, but the program has {own - unread:,}"
        raise SpecError(Problem(message, "some call was not understood", mark, code="bad-file"))
    if not left:
        return network
    note = f"{unread:,} parameters are read by no call, and are not counted: {', '.join(left[:3])}"
    return network._replace(notes=(*network.notes, note))


def _listed(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list) or type(found) is tuple else [found]


def _said(sizes: Sequence[int]) -> str:
    return "x".join(map(str, sizes)) or "one value"
