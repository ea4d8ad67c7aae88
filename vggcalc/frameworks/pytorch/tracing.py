"""Calls of a traced program, one after the other, put into layers: live ones and those of an exported program alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.analysis.analyse import analyse
from vggcalc.errors import Mark, Problem, SpecError
from vggcalc.frameworks.program import ConstantError, Held, Program, UnknownOperationError
from vggcalc.frameworks.pytorch import arithmetic, functions, moves, ops, parts, positions, products, unfolding
from vggcalc.frameworks.pytorch.call import trained_by, translate
from vggcalc.frameworks.views import View
from vggcalc.network import Network

TABLES = (ops, functions, moves, parts, positions, arithmetic, products, unfolding)
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
            return self._of_constants(operation, args, kwargs, read, outputs)
        before = self.program.assembly.last
        try:
            return self._put(operation, args, kwargs, read, outputs)
        except ConstantError:
            return [Held(tuple(sizes)) for sizes in outputs]
        except UnknownOperationError as error:
            self.program.undo(before)
            if operation not in WORKING and any(map(self.program.is_constant, views)):
                args, kwargs, read = self._held((args, kwargs, read))
                return self.call(operation, args, kwargs, read, outputs)
            return self._not_understood(operation, views, self._missing(read, ()), outputs, str(error))

    def _put(
        self, operation: str, args: Sequence[Any], kwargs: dict[str, Any], read: Sequence[Value],
        outputs: Sequence[Sequence[int]],
    ) -> list[Value]:  # fmt: skip
        """What a call of maps gives.

        Raises: UnknownOperationError where it is not understood; ConstantError where it gives no map.
        """
        found = _listed(translate(self.program, operation, args, kwargs))
        values = [each for each in found if isinstance(each, View | Held)]
        if self._missing(read, values):
            raise UnknownOperationError("it leaves parameters out")
        for value, sizes in zip(values, outputs, strict=False):
            if value.sizes != tuple(sizes):
                raise UnknownOperationError(f"it gives {_said(sizes)}, not {_said(value.sizes)}")
        return values

    def _held(self, values: Any) -> Any:
        """The same with maps in which nothing of an input is as constants: what worked on them is counted."""
        if isinstance(values, View) and self.program.is_constant(values):
            return Held(values.sizes)
        if isinstance(values, dict):
            return {key: self._held(value) for key, value in values.items()}
        if isinstance(values, list) or type(values) is tuple:
            return type(values)(map(self._held, values))
        return values

    def _not_understood(
        self, operation: str, views: Sequence[View], missing: Sequence[str], outputs: Sequence[Sequence[int]], why: str
    ) -> list[Value]:
        """A layer of unknown work for each output; the first has the parameters that no other layer has."""
        elements = sum(self.program.elements[name] for name in missing)
        self.program.held |= set(missing)
        return [
            self._unknown(operation, views, sizes, why, 0 if place else elements) for place, sizes in enumerate(outputs)
        ]

    def _missing(self, read: Sequence[Value], made: Sequence[Value]) -> list[str]:
        """The parameters that a call reads, and that neither a layer has now nor what it gives."""
        given = {name for value in read if isinstance(value, Held) for name in value.trained}
        passed = {name for value in made if isinstance(value, Held) for name in value.trained}
        return sorted(given - self.program.held - passed)

    def _of_constants(
        self, operation: str, args: Sequence[Any], kwargs: dict[str, Any], read: Sequence[Value],
        outputs: Sequence[Sequence[int]],
    ) -> list[Value]:  # fmt: skip
        """What is made of parameters and constants is held; of what a layer works on them a map is made."""
        trained = trained_by(*read)
        if operation not in WORKING or not outputs:
            return [Held(tuple(sizes), trained) for sizes in outputs]
        before = self.program.assembly.last
        try:
            if operation.startswith(("conv", "linear")):
                args = (self.program.constant(args[0], 1 if operation.startswith("conv") else -1), *args[1:])
            return self._put(operation, args, kwargs, read, outputs)
        except UnknownOperationError as error:
            self.program.undo(before)
            missing = self._missing(read, ())
            views = [self.first] if self.first else []
            return self._not_understood(operation, views, missing, outputs, str(error))

    def _unknown(self, operation: str, views: Sequence[View], sizes: Sequence[int], why: str, held: int = 0) -> View:
        self.program.assembly.notes.append(f"{self.program.name}: {operation} is unknown: {why}")
        return self.program.unknown(operation, views, tuple(sizes), held)


def finished(
    program: Program,
    outputs: Sequence[Any],
    name: str,
    modules: dict[str, int],
    passing: dict[str, int],
    mark: Mark | None = None,
) -> Network:
    """The network of a program whose outputs these are.

    Raises: SpecError where it gives no map, or where its layers do not fit.
    """
    places = [value.map.tensor.place for value in outputs if isinstance(value, View)]
    if not places:
        hint = "it must work on what it is given"
        raise SpecError(Problem("the program gives no map", hint, mark, code="bad-file"))
    network = program.assembly.network(name, tuple(dict.fromkeys(places)))
    return network._replace(modules=modules, passing=passing)


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
