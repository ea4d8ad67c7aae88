"""Sums, products and the like of PyTorch: of two maps, of a map and a number, of a map and what is trained."""

from __future__ import annotations

from math import prod
from typing import Any

from vggcalc.frameworks.program import Held, Program, UnknownOperationError
from vggcalc.frameworks.pytorch.call import OPS, Op, a_view, op, trained_by
from vggcalc.frameworks.views import View, leaves, size

NUMBERS = (int, float, bool)


def _of_two(kind: str, number: str, trained: str) -> Op:
    """An operation of two: with a number it is `power` with this field, with a parameter a layer of this kind."""

    def of_two(p: Program, x: Any, y: Any, *rest: Any, alpha: Any = 1, **named: Any) -> View | Held:
        if isinstance(x, View) and isinstance(y, View):
            return p.combined(kind, x, y)
        if not isinstance(x, View) and isinstance(y, View | Held):
            x, y = y, x
        if isinstance(x, Held):
            return _of_held(x, y)
        if not isinstance(x, View):
            raise UnknownOperationError("it works on no map")
        if isinstance(y, NUMBERS):
            return _with_number(p, x, number, y)
        if isinstance(y, Held) and not y.trained:
            return p.valuewise("power", x)
        return spread(p, x, y, trained)

    return of_two


def _with_number(p: Program, x: View, field: str, number: float) -> View:
    """x * 0.1 and x + 3 and x / 6; x * 1 is another tensor too, that is kept beside x."""
    if field == "divisor":
        field, number = "factor", 1 / number if number else 1
    fields: dict[str, Any] = {field: float(number)} if field else {}
    return p.valuewise("power", x, **fields)


def _of_held(x: Held, y: Any) -> Held:
    """What is made of parameters and constants is no layer: it is a weight of the layer that reads it."""
    sizes = x.sizes
    if isinstance(y, Held):
        long, short = (x.sizes, y.sizes) if len(x.sizes) >= len(y.sizes) else (y.sizes, x.sizes)
        short = (1,) * (len(long) - len(short)) + short
        sizes = tuple(map(max, long, short))
    return Held(sizes, tuple(dict.fromkeys((*x.trained, *trained_by(y)))))


def spread(p: Program, x: View, y: Held, kind: str) -> View:
    """A trained tensor, one number for each channel, position or value of the map."""
    if not kind:
        raise UnknownOperationError("with a trained tensor")
    sizes = (1,) * (len(x.dims) - len(y.sizes)) + y.sizes
    _, channels, *axes = x.map.parts()
    touched = {leaf for dim, n in zip(x.dims, sizes, strict=False) if n > 1 for leaf in leaves(dim)}
    positions = {leaf for axis in axes for leaf in axis}
    if len(sizes) != len(x.dims) or any(n not in (1, own) for n, own in zip(sizes, x.sizes, strict=True)):
        raise UnknownOperationError("with a trained tensor of another shape")
    spreads = {
        frozenset(): ("one", 1),
        frozenset(channels): ("channels", size(channels)),
        frozenset(positions): ("positions", prod(map(size, axes))),
        frozenset(positions | set(channels)): ("map", size(channels) * prod(map(size, axes))),
    }
    over, numbers = spreads.get(frozenset(touched), ("map", 0))
    if numbers == size(channels):
        over = "channels"
    elements = sum(p.elements[name] for name in y.trained)
    if p.is_elsewhere(kind, y.trained):
        return p.valuewise("power", x)
    if elements == numbers:
        return p.valuewise(kind, x, trained_by(y), over=over)
    return p.valuewise(kind, x, trained_by(y), over=over, elements=elements)


OPS |= dict.fromkeys(("add", "add_", "__add__", "__radd__", "__iadd__"), _of_two("add", "offset", "shift"))
OPS |= dict.fromkeys(("sub", "sub_", "__sub__", "__isub__", "rsub", "__rsub__"), _of_two("subtract", "offset", "shift"))
OPS |= dict.fromkeys(("mul", "mul_", "__mul__", "__rmul__", "__imul__"), _of_two("multiply", "factor", "scale"))
OPS |= dict.fromkeys(
    ("div", "div_", "__truediv__", "__itruediv__", "true_divide"), _of_two("divide", "divisor", "scale")
)
OPS |= dict.fromkeys(("__rtruediv__",), _of_two("divide", "", ""))
OPS |= dict.fromkeys(("maximum", "max.other"), _of_two("maximum", "", ""))
OPS |= dict.fromkeys(("minimum",), _of_two("minimum", "", ""))
OPS |= dict.fromkeys(("pow", "pow_", "__pow__"), _of_two("multiply", "exponent", ""))


@op("neg", "__neg__", "reciprocal", "rsqrt", "square")
def _power(p: Program, x: Any) -> View | Held:
    return x if isinstance(x, Held) else p.valuewise("power", a_view(x))


def _reduction(how: str) -> Op:
    def reduction(p: Program, x: Any, dim: Any = None, keepdim: bool = False, **named: Any) -> Any:
        if isinstance(x, Held):
            return Held(_left(x.sizes, dim, keepdim), x.trained)
        x = a_view(x)
        dims = range(len(x.dims)) if dim is None else [dim] if isinstance(dim, int) else dim
        return p.reduced(x, list(dims), how, keepdim)

    return reduction


def _left(sizes: tuple[int, ...], dim: Any, keepdim: bool) -> tuple[int, ...]:
    gone = range(len(sizes)) if dim is None else [dim] if isinstance(dim, int) else dim
    places = {place % len(sizes) for place in gone}
    return tuple(1 if place in places else n for place, n in enumerate(sizes) if keepdim or place not in places)


OPS |= {"mean": _reduction("mean"), "sum": _reduction("sum"), "amax": _reduction("max"), "amin": _reduction("min")}
OPS |= {"prod": _reduction("prod"), "var": _reduction("var")}


@op("norm", "linalg_norm", "linalg_vector_norm")
def _norm(program: Program, x: Any, p: Any = 2, dim: Any = None, keepdim: bool = False, **named: Any) -> Any:
    order = named.get("ord", p)
    if order not in (2, "fro", None):
        raise UnknownOperationError(f"a length of order {order}")
    return _reduction("l2")(program, x, dim, keepdim)


@op("addcmul")
def _add_product(p: Program, x: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
    return OPS["add"](p, OPS["mul"](p, tensor1, tensor2), x)


@op("max")
def _max(p: Program, x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    if isinstance(dim, View):
        return p.combined("maximum", a_view(x), dim)
    found = _reduction("max")(p, x, dim, keepdim)
    return found if dim is None else (found, found)
