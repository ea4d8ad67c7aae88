"""One call of a tensor operation, as PyTorch names its arguments, and what it may do with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from vggcalc.frameworks.program import Held, Program, UnknownOperationError
from vggcalc.frameworks.views import View

Made = View | Held | Sequence[View | Held]
"""What an operation gives."""

Op = Callable[..., Any]

OPS: dict[str, Op] = {}
"""How each operation is put into layers, by its name in PyTorch's functions, methods and ATen; arguments are theirs.

A function takes the program and the arguments: maps are views, parameters and constants are `Held`.
"""


def op(*names: str) -> Callable[[Op], Op]:
    """Enter a function for operations of these names."""

    def enter(function: Op) -> Op:
        OPS.update(dict.fromkeys(names, function))
        return function

    return enter


def a_view(value: Any) -> View:
    """A map, where an operation works on nothing else."""
    if not isinstance(value, View):
        raise UnknownOperationError("it works on no map")
    return value


def map_of(p: Program, value: Any, dim: int = -1) -> View:
    """A map; of what is none a constant one, whose channels are dimension `dim`."""
    return p.constant(value, dim) if isinstance(value, Held) else a_view(value)


def trained_by(*values: Any) -> tuple[str, ...]:
    """The parameters that these are, or are made of, each once."""
    return tuple(dict.fromkeys(name for value in values if isinstance(value, Held) for name in value.trained))


def one_or_each(value: Any, axes: int) -> Any:
    """A number for all axes, or one or two for each; PyTorch takes a list of one for all."""
    if isinstance(value, int):
        return value
    numbers = tuple(value)
    if isinstance(numbers[0], int) and len(set(numbers)) == 1:
        return numbers[0]
    return numbers


def translate(program: Program, name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What a call gives.

    Raises: UnknownOperationError where nobody entered the operation, or not for such arguments.
    """
    if name not in OPS:
        raise UnknownOperationError("nobody entered it")
    try:
        return OPS[name](program, *args, **kwargs)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        raise UnknownOperationError(f"its arguments are not understood: {error}") from error
