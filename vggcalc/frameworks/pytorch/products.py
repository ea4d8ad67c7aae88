"""Products of maps in PyTorch: attention, in one call or in parts, and equations of letters."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters, ascii_lowercase
from typing import Any

from vggcalc.frameworks.program import Held, Program, UnknownOperationError
from vggcalc.frameworks.pytorch.call import a_view, map_of, op, trained_by
from vggcalc.frameworks.views import View, factors, leaves, size


@op("scaled_dot_product_attention")
def _attention(
    p: Program, query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0,
    is_causal: bool = False, scale: Any = None, enable_gqa: bool = False,
) -> View:  # fmt: skip
    """Batch, heads, positions, channels of a head; the heads are the major part of the channels."""
    if len(query.sizes) == 3:  # one head, which has no dimension
        given = [map_of(p, each) for each in (query, key, value)]
        one = [each._replace(dims=(each.dims[0], (), *each.dims[1:])) for each in given]
        found = _attention(p, *one, attn_mask, dropout_p, is_causal)
        return found._replace(dims=(found.dims[0], *found.dims[2:]))
    heads_of = max(each.sizes[1] for each in (query, key, value)) if len(query.sizes) == 4 else 1
    folded = [_folded(_for_heads(p, map_of(p, each), heads_of)) for each in (query, key, value)]
    views = [_by_heads(p, each, whole=True) for each in folded]
    if len({len(view.map.axes) for view in views}) > 1:
        views = [_by_heads(p, each, merges=True) for each in folded]
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
    cut = found.reshaped((*query.sizes[:-1], found.sizes[-1]))
    assert cut is not None
    return cut


def _for_heads(p: Program, x: View, heads: int) -> View:
    """Keys and values of one head serve all."""
    return p.expanded(x, (x.sizes[0], heads, *x.sizes[2:])) if len(x.dims) == 4 and x.sizes[1] == 1 < heads else x


def _before(axes: Sequence[Any], positions: Any) -> tuple[Any, ...]:
    """The axes that are no positions of a product, which stand in the batch."""
    return tuple(leaf for axis in axes[:-1] for leaf in axis) if axes and positions == axes[-1] else ()


def _by_heads(p: Program, x: View, whole: bool = False, merges: bool = False) -> View:
    """The map whose channels are the heads and what each has, and its positions: the last axis, or the whole map.

    merges: with all that stands before the positions as one axis.
    """
    if len(x.dims) != 4:
        raise UnknownOperationError("attention over maps of another form")
    merged = x.permuted((0, 1, 3, 2)).reshaped((x.sizes[0], x.sizes[1] * x.sizes[3], x.sizes[2]))
    assert merged is not None
    _, channels, *axes = x.map.parts()
    positions = [axes[-1] if axes else ()] + ([tuple(leaf for axis in axes for leaf in axis)] if whole else [])
    in_order = leaves(merged.dims[1]) == channels and leaves(merged.dims[2]) in positions
    if (
        not merges
        and in_order
        and leaves(merged.dims[0]) == (*leaves(x.map.batch), *_before(axes, leaves(merged.dims[2])))
    ):
        return x
    new = p.rearranged(merged, 1, merges)
    cut = new.reshaped((x.sizes[0], x.sizes[1], x.sizes[3], x.sizes[2])) if len(new.dims) == 3 else None
    if cut is None:
        raise UnknownOperationError("attention over maps of another form")
    return cut.permuted((0, 1, 3, 2))


def _product(first: View, tensor: Any, columns: Any) -> View:
    """What a product of matrices wrote: the rows of the first, and new columns in each head."""
    heads = factors(first.sizes[1])
    new = factors(size(columns))
    made = first.map._replace(tensor=tensor, channels=(*heads, *new))
    return View(made, (first.dims[0], heads, first.dims[2], new))


@op("matmul", "bmm", "__matmul__")
def _matmul(p: Program, x: Any, y: Any) -> View:
    """Of two maps, head by head; of a map and a parameter it is a linear layer."""
    if isinstance(x, View) and isinstance(y, Held) and len(y.sizes) == 2 and y.trained:
        p.at(p.name, p.mark, p.form if p.form == "method" else "product")
        return p.channelwise("linear", x, -1, trained_by(y), out_features=y.sizes[1], bias=False)
    x, y = map_of(p, x), map_of(p, y)
    ahead = max(len(x.dims), len(y.dims)) - 2
    letters = ascii_letters[:ahead]
    first, second = (_spread_letters(each, letters) for each in (x, y))
    return _of_letters(p, x, y, f"{first}yz", f"{second}zx", f"{letters}yx")


def _spread_letters(x: View, letters: str) -> str:
    """The letters of the dimensions before the last two, in capitals where one position serves all."""
    own = letters[len(letters) - len(x.dims) + 2 :]
    return "".join(letter.upper() if n == 1 else letter for letter, n in zip(own, x.sizes, strict=False))


def _of_letters(p: Program, x: View, y: View, first: str, second: str, result: str) -> View:
    """A product of two maps whose dimensions have letters.

    Letters that both have and the result has too are batch and heads; those that it has not are summed over. A capital
    stands for a dimension of one.
    """
    x, first = _without_ones(x, first)
    y, second = _without_ones(y, second)
    if x.map.batch and not y.map.batch and not p.has_batch(x._replace(dims=(x.dims[x.batch_dim],))):
        return _beside_the_batch(p, x, y, first, second, result)
    batches = [letters[each.batch_dim] if each.map.batch else "" for each, letters in ((x, first), (y, second))]
    if batches[1] and not batches[0]:
        return _of_letters(p, y, x, second, first, result)
    if batches[1] and batches[0] != batches[1]:
        raise UnknownOperationError("images are multiplied with each other")
    batch = batches[0]
    shared = [letter for letter in first if letter in second and letter in result and letter != batch]
    summed = [letter for letter in first if letter in second and letter not in result]
    rows = [letter for letter in first if letter not in second and letter != batch]
    columns = [letter for letter in second if letter not in first]
    if not set(rows + columns) <= set(result):
        raise UnknownOperationError(f"an equation of another form: {first},{second}->{result}")
    ahead = shared[:-1] if batches[1] else []
    heads = shared[len(ahead) :]
    lengths = dict(zip(first, x.sizes, strict=True)) | dict(zip(second, y.sizes, strict=True))
    left = _in_four(x, first, ([batch] * bool(batch) + ahead, heads, rows, summed))
    right = _in_four(y, second, ([batch] * bool(batches[1]) + ahead, heads, summed, columns))
    made = [batch] * bool(batch) + ahead + heads + rows + columns
    found = _heads_product(p, left, right).reshaped([lengths[letter] for letter in made])
    if found is None:
        raise UnknownOperationError("a product that cannot be taken apart")
    wanted = [letter for letter in result if letter in made]
    found = found.permuted([made.index(letter) for letter in wanted])
    dims = iter(found.dims)
    return found._replace(dims=tuple(next(dims) if letter in made else () for letter in result))


def _beside_the_batch(p: Program, x: View, y: View, first: str, second: str, result: str) -> View:
    """What stands beside the batch in its dimension gets a letter of its own; the second is the same for all of it."""
    place = x.batch_dim
    batch = leaves(x.map.batch)
    letter = next(each for each in ascii_letters if each not in first + second + result)
    dims = (*x.dims[:place], batch, leaves(x.dims[place])[len(batch) :], *x.dims[place + 1 :])
    names = f"{first[: place + 1]}{letter}{first[place + 1 :]}"
    found = _of_letters(p, x._replace(dims=dims), y, names, second, result.replace(first[place], first[place] + letter))
    at = result.index(first[place])
    both = (*found.dims[at], *found.dims[at + 1])
    return found._replace(dims=(*found.dims[:at], both, *found.dims[at + 2 :]))


def _without_ones(x: View, letters: str) -> tuple[View, str]:
    """The dimensions that have a letter, which no capital is."""
    places = [place for place, letter in enumerate(letters) if not letter.isupper()]
    return x.permuted(places), "".join(letters[place] for place in places)


def _in_four(x: View, letters: str, groups: Sequence[Sequence[str]]) -> View:
    """The tensor with a dimension for each group of letters, in which these stand one in the other."""
    dims = [tuple(factor for letter in group for factor in x.dims[letters.index(letter)]) for group in groups]
    return x._replace(dims=tuple(dims))


def _heads_product(p: Program, x: View, y: View) -> View:
    """Of dimensions that are a batch, heads, rows and columns."""
    x = _by_heads(p, x)
    _, channels, *_ = y.map.parts()
    transpose = bool(leaves(y.dims[2])) and set(leaves(y.dims[2])) <= set(channels)
    y = _by_heads(p, y.permuted((0, 1, 3, 2)) if transpose else y)
    if len(x.map.axes) != len(y.map.axes):
        x, y = (_by_heads(p, each, merges=True) for each in (x, y))
    tensor = p.layer("matmul", x.map.tensor, y.map.tensor, groups=x.sizes[1], transpose=transpose)
    return _product(x, tensor, y.dims[2] if transpose else y.dims[3])


def _folded(x: View) -> View:
    """All dimensions but the last three as one."""
    return x._replace(dims=(tuple(factor for dim in x.dims[:-3] for factor in dim), *x.dims[-3:]))


@op("einsum")
def _einsum(p: Program, equation: str, *operands: Any) -> View:
    """Of two maps; of one, letters in another order, or summed over."""
    operands = tuple(operands[0]) if len(operands) == 1 and not isinstance(operands[0], View) else operands
    inputs, _, result = equation.replace(" ", "").partition("->")
    first, _, second = inputs.partition(",")
    known = dict(zip(dict.fromkeys(first + second), ascii_lowercase, strict=False))
    plain = len(set(first)) == len(first) and len(set(second)) == len(second) and set(result) <= set(known)
    if len(operands) != 2 or not result or "." in equation or not plain:
        raise UnknownOperationError(f"an equation of another form: {equation[:40]}")
    x, y = (map_of(p, each) for each in operands)
    return _of_letters(p, x, y, *("".join(known[letter] for letter in text) for text in (first, second, result)))


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
