"""Sums, products and the like of PyTorch: of two maps, of a map and a number, of a map and what is trained."""

from __future__ import annotations

from collections.abc import Sequence
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
    """x * 0.1 and x + 3 and x / 6; what changes nothing is no layer."""
    if number == {"factor": 1, "divisor": 1, "offset": 0, "exponent": 1}.get(field):
        return x
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
OPS |= {"norm": _reduction("l2"), "prod": _reduction("prod")}


@op("max")
def _max(p: Program, x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    if isinstance(dim, View):
        return p.combined("maximum", a_view(x), dim)
    found = _reduction("max")(p, x, dim, keepdim)
    return found if dim is None else (found, found)


# --- products of maps ----------------------------------------------------------------------------------------------


@op("scaled_dot_product_attention")
def _attention(
    p: Program, query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0,
    is_causal: bool = False, scale: Any = None, enable_gqa: bool = False,
) -> View:  # fmt: skip
    """Batch, heads, positions, channels of a head; the heads are the major part of the channels."""
    folded = [_folded(a_view(each)) for each in (query, key, value)]
    views = [_by_heads(p, each, whole=True) for each in folded]
    if len({len(view.map.axes) for view in views}) > 1:
        views = [_by_heads(p, each) for each in views]
    heads = {view.sizes[1] for view in views}
    if len(heads) > 1:
        raise UnknownOperationError("queries and keys with heads of their own")
    _, _, *axes = views[0].map.parts()
    over = "last" if axes and leaves(views[0].dims[2]) == axes[-1] else "map"
    maps = [view.map.tensor for view in views]
    fields: dict[str, Any] = {"num_heads": heads.pop(), "causal": bool(is_causal), "over": over}
    if trained := trained_by(attn_mask):
        fields["elements"] = sum(p.elements[name] for name in trained)
    tensor = p.layer("attention", *maps, trained=trained, **fields)
    found = _product(views[0], tensor, views[2].dims[3])
    cut = found.reshaped((*a_view(query).sizes[:-1], found.sizes[-1]))
    assert cut is not None
    return cut


def _before(axes: Sequence[Any], positions: Any) -> tuple[Any, ...]:
    """The axes that are no positions of a product, which stand in the batch."""
    return tuple(leaf for axis in axes[:-1] for leaf in axis) if axes and positions == axes[-1] else ()


def _by_heads(p: Program, x: View, whole: bool = False) -> View:
    """The map whose channels are the heads and what each has, and its positions: the last axis, or the whole map."""
    if len(x.dims) != 4:
        raise UnknownOperationError("attention over maps of another form")
    merged = x.permuted((0, 1, 3, 2)).reshaped((x.sizes[0], x.sizes[1] * x.sizes[3], x.sizes[2]))
    assert merged is not None
    _, channels, *axes = x.map.parts()
    positions = [axes[-1] if axes else ()] + ([tuple(leaf for axis in axes for leaf in axis)] if whole else [])
    in_order = leaves(merged.dims[1]) == channels and leaves(merged.dims[2]) in positions
    if in_order and leaves(merged.dims[0]) == (*leaves(x.map.batch), *_before(axes, leaves(merged.dims[2]))):
        return x
    new = p.rearranged(merged, 1)
    cut = new.reshaped((x.sizes[0], x.sizes[1], x.sizes[3], x.sizes[2])) if len(new.dims) == 3 else None
    if cut is None:
        raise UnknownOperationError("attention over maps of another form")
    return cut.permuted((0, 1, 3, 2))


def _product(first: View, tensor: Any, columns: Any) -> View:
    """What a product of matrices wrote: the rows of the first, and new columns in each head."""
    from vggcalc.frameworks.views import factors

    heads = factors(first.sizes[1])
    new = factors(size(columns))
    made = first.map._replace(tensor=tensor, channels=(*heads, *new))
    return View(made, (first.dims[0], heads, first.dims[2], new))


@op("matmul", "bmm", "__matmul__")
def _matmul(p: Program, x: Any, y: Any) -> View | Held:
    """Of two maps, head by head; of a map and a parameter it is a linear layer."""
    if isinstance(x, Held) and isinstance(y, Held):
        return Held((*x.sizes[:-1], y.sizes[-1]), (*x.trained, *y.trained))
    if isinstance(x, View) and isinstance(y, Held) and len(y.sizes) == 2:
        return p.channelwise("linear", x, -1, trained_by(y), out_features=y.sizes[1], bias=False)
    x, y = a_view(x), a_view(y)
    if len(x.dims) == len(y.dims) == 3:
        one = ((x.dims[0], (), *x.dims[1:]), (y.dims[0], (), *y.dims[1:]))
        found = _heads_product(p, x._replace(dims=one[0]), y._replace(dims=one[1]))
        return found._replace(dims=(found.dims[0], *found.dims[2:]))
    return _heads_product(p, x, y)


def _heads_product(p: Program, x: View, y: View) -> View:
    """Of dimensions the last three are heads, rows and columns; those before are the batch, and positions with it."""
    if len(x.dims) != len(y.dims) or len(x.dims) < 4:
        raise UnknownOperationError("a product of matrices that are no heads")
    ahead = x.dims[:-3]
    x, y = _folded(x), _folded(y)
    x = _by_heads(p, x)
    _, channels, *_ = y.map.parts()
    transpose = bool(leaves(y.dims[2])) and set(leaves(y.dims[2])) <= set(channels)
    y = _by_heads(p, y.permuted((0, 1, 3, 2)) if transpose else y)
    tensor = p.layer("matmul", x.map.tensor, y.map.tensor, groups=x.sizes[1], transpose=transpose)
    found = _product(x, tensor, y.dims[2] if transpose else y.dims[3])
    sizes = tuple(size(group) for group in ahead)
    cut = found.reshaped((*sizes, *found.sizes[1:]))
    assert cut is not None
    return cut


def _folded(x: View) -> View:
    """All dimensions but the last three as one."""
    return x._replace(dims=(tuple(factor for dim in x.dims[:-3] for factor in dim), *x.dims[-3:]))


@op("einsum")
def _einsum(p: Program, equation: str, *operands: Any) -> View:
    """Of two maps: letters that both have and the result has too are batch and heads; one that it has not is summed."""
    operands = tuple(operands[0]) if len(operands) == 1 and not isinstance(operands[0], View) else operands
    inputs, _, result = equation.replace(" ", "").partition("->")
    first, _, second = inputs.partition(",")
    if len(operands) != 2 or not result or "." in equation or len(set(first)) < len(first):
        raise UnknownOperationError(f"an equation of another form: {equation[:40]}")
    x, y = (a_view(each) for each in operands)
    shared = [letter for letter in result if letter in first and letter in second]
    summed = [letter for letter in first if letter in second and letter not in result]
    rows = [letter for letter in first if letter not in second]
    columns = [letter for letter in second if letter not in first]
    if len(shared) < 2 or not len(summed) == len(rows) == len(columns) == 1:
        raise UnknownOperationError(f"an equation of another form: {equation[:40]}")
    x = x.permuted([first.index(letter) for letter in (*shared, *rows, *summed)])
    y = y.permuted([second.index(letter) for letter in (*shared, *summed, *columns)])
    found = _heads_product(p, x, y)
    made = [*shared, *rows, *columns]
    return found.permuted([made.index(letter) for letter in result])


@op("multi_head_attention_forward")
def _multi_head(
    p: Program, query: Any, key: Any, value: Any, embed_dim_to_check: int, num_heads: int, in_proj_weight: Any,
    in_proj_bias: Any, bias_k: Any, bias_v: Any, add_zero_attn: bool, dropout_p: float, out_proj_weight: Any,
    out_proj_bias: Any, **named: Any,
) -> Any:  # fmt: skip
    """Projections in, attention and a projection out, as the module of PyTorch has them in one call."""
    if bias_k is not None or add_zero_attn or named.get("use_separate_proj_weight"):
        raise UnknownOperationError("attention with keys of its own")
    query, key, value = a_view(query), a_view(key), a_view(value)
    name, outputs = p.name, in_proj_weight.sizes[0] // 3
    biased = in_proj_bias is not None
    trained = trained_by(in_proj_weight, in_proj_bias)
    p.at(f"{name}.in_proj", p.mark, p.form)
    if query == key == value:
        inside = [p.channelwise("linear", query, -1, trained, out_features=3 * outputs, bias=biased)]
    else:
        raise UnknownOperationError("attention from one map to another")
    p.at(name, p.mark, p.form)
    tensor = p.layer("attention", *(each.map.tensor for each in inside), num_heads=num_heads)
    made = inside[0].map._replace(tensor=tensor, channels=query.map.channels)
    found = query._replace(map=made)
    p.at(f"{name}.out_proj", p.mark, p.form)
    outer = p.channelwise(
        "linear", found, -1, trained_by(out_proj_weight, out_proj_bias), out_features=out_proj_weight.sizes[0],
        bias=out_proj_bias is not None,
    )  # fmt: skip
    return [outer, None]
