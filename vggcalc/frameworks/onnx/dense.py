"""Products of matrices, normalisation and recurrent layers of ONNX."""

from __future__ import annotations

from typing import Any

from vggcalc.frameworks.onnx.call import Call, op
from vggcalc.frameworks.program import Held, UnknownOperationError
from vggcalc.frameworks.pytorch.call import trained_by
from vggcalc.frameworks.views import View


def turned(weight: Held) -> Held:
    """A matrix with its rows as columns."""
    rows, columns = weight.sizes
    return Held((columns, rows), weight.trained)


@op("Gemm")
def _gemm(call: Call) -> Any:
    if call.number("transA"):
        raise UnknownOperationError("the map is transposed")
    weight = call.held(1)
    bias = call.optional(2)
    return call.torch("linear", call.tensor(), weight if call.number("transB") else turned(weight), bias)


@op("MatMul", "MatMulInteger")
def _matmul(call: Call) -> Any:
    return product(call, call.tensor(0), call.tensor(1), None)


@op("QLinearMatMul")
def _quantised(call: Call) -> Any:
    return product(call, call.tensor(0), call.tensor(3), None)


def product(call: Call, x: Any, y: Any, bias: Held | None) -> Any:
    """A product of matrices: with a tensor that is no map it is a linear layer."""
    if isinstance(x, View) and isinstance(y, Held) and len(y.sizes) == 2:
        return call.torch("linear", x, turned(y), bias)
    return call.torch("matmul", x, y)


@op("Einsum")
def _einsum(call: Call) -> Any:
    return call.torch("einsum", call.text("equation"), *(call.tensor(place) for place in range(len(call))))


@op("BatchNormalization", "SpatialBN")
def _batch_norm(call: Call) -> Any:
    x, scale, shift = call.tensor(0), call.held(1), call.held(2)
    return call.torch("batch_norm", x, call.tensor(3), call.tensor(4), scale, shift, eps=call.real("epsilon", 1e-5))


@op("InstanceNormalization")
def _instance_norm(call: Call) -> Any:
    scale, shift = (each if each.trained else None for each in (call.held(1), call.held(2)))
    return call.torch("instance_norm", call.view(), None, None, scale, shift)


@op("GroupNormalization")
def _group_norm(call: Call) -> Any:
    return call.torch("group_norm", call.view(), call.number("num_groups", 1), call.held(1), call.held(2))


@op("LayerNormalization")
def _layer_norm(call: Call) -> Any:
    x = call.view()
    axis = call.number("axis", -1) % len(x.dims)
    scale, shift = call.optional(1), call.optional(2)
    return call.torch("layer_norm", x, x.sizes[axis:], scale, shift, call.real("epsilon", 1e-5))


@op("RMSNormalization", "SimplifiedLayerNormalization")
def _rms_norm(call: Call) -> Any:
    x = call.view()
    axis = call.number("axis", -1) % len(x.dims)
    return call.torch("rms_norm", x, x.sizes[axis:], call.optional(1))


@op("LRN")
def _lrn(call: Call) -> Any:
    return call.torch(
        "local_response_norm", call.view(), call.number("size", 1), call.real("alpha", 1e-4), call.real("beta", 0.75),
        call.real("bias", 1.0),
    )  # fmt: skip


@op("Attention")
def _attention(call: Call) -> Any:
    """Queries, keys and values: with heads as a dimension, or in the channels, with their number beside them."""
    views = [call.view(place) for place in range(3)]
    heads = (call.number("q_num_heads"), *[call.number("kv_num_heads")] * 2)
    is_flat = len(views[0].dims) == 3
    if is_flat:
        views = [_by_heads(call, view, count) for view, count in zip(views, heads, strict=True)]
    found = call.torch("scaled_dot_product_attention", *views, is_causal=bool(call.number("is_causal")))
    if not is_flat:
        return found
    batch, count, positions, channels = found.sizes
    return call.torch("reshape", found.permuted((0, 2, 1, 3)), (batch, positions, count * channels))


def _by_heads(call: Call, view: View, heads: int) -> View:
    batch, positions, channels = view.sizes
    cut: View = call.torch("reshape", view, (batch, positions, heads, channels // heads))
    return cut.permuted((0, 2, 1, 3))


@op("LSTM", "GRU", "RNN")
def _recurrent(call: Call) -> Any:
    """A sequence of positions, batch and channels; written are directions too, before the batch."""
    x = call.view()
    weight, state, bias = call.held(1), call.held(2), call.optional(3)
    directions, _, channels = weight.sizes
    hidden = state.sizes[-1]
    if len(x.dims) != 3 or x.sizes[2] != channels or call.number("layout"):
        raise UnknownOperationError("a sequence of another form")
    view = x.permuted((1, 2, 0))
    if not call.program.has_batch(view) or view.axis(2) is None or len(view.map.axes) != 1:
        view = call.program.rearranged(view, 1)
    found = call.program.channelwise(
        call.node.op.lower(), view, 1, trained_by(weight, state, bias), hidden_size=hidden,
        bidirectional=directions == 2, bias=bias is not None,
    )  # fmt: skip
    batch, _, positions = found.sizes
    cut = call.torch("reshape", found, (batch, directions, hidden, positions))
    whole = cut.permuted((3, 1, 0, 2))
    return [whole, _last_states(call, whole, directions)] if _is_read(call, 1) else [whole]


def _is_read(call: Call, place: int) -> bool:
    """Whether a further output has a name, and so may be read."""
    return len(call.node.outputs) > place and bool(call.node.outputs[place])


def _last_states(call: Call, whole: View, directions: int) -> View:
    """What a recurrent layer writes last: at the end of the sequence, and on the way back at its beginning."""
    ends = [0 if call.text("direction") == "reverse" else -1, 0]
    last = [call.torch("narrow", whole, 0, end % whole.sizes[0], 1) for end in ends[:directions]]
    each = [call.torch("narrow", part, 1, place, 1) for place, part in enumerate(last)]
    found: View = call.torch("select", call.torch("cat", each, 1) if directions > 1 else last[0], 0, 0)
    return found


@op("Gather")
def _gather(call: Call) -> Any:
    """One or several neighbours along a dimension; rows of a trained table that a map chooses are embeddings."""
    x, index = call.tensor(0), call.value(1)
    dim = call.number("axis")
    if isinstance(x, Held) and isinstance(index, View):
        return _embedded(call, x, index, dim)
    chosen, known = call.constants(1) or [], call.value(1)
    place = dim % len(x.sizes)
    if known is not None and known.sizes == ():
        return call.torch("select", x, place, int(chosen[0]))
    if isinstance(x, Held):
        sizes = known.sizes if known is not None else ()
        return Held((*x.sizes[:place], *sizes, *x.sizes[place + 1 :]), x.trained)
    places = [int(each) % x.sizes[place] for each in chosen]
    step = places[1] - places[0] if len(places) > 1 else 1
    if step < 1 or places != list(range(places[0], places[0] + step * len(places), step)):
        raise UnknownOperationError("places that are no series")
    found = call.torch("slice", x, place, places[0], places[-1] + 1, step)
    sizes = known.sizes if known is not None else (len(places),)
    return call.torch("reshape", found, (*x.sizes[:place], *sizes, *x.sizes[place + 1 :]))


def _embedded(call: Call, table: Held, index: View, dim: int) -> View:
    if dim != 0 or len(table.sizes) != 2 or len(index.dims) != 2 or not call.program.has_batch(index):
        raise UnknownOperationError("values that a map looks up")
    rows, channels = table.sizes
    as_channels = View(index.map, (index.dims[0], (), index.dims[1]))
    found = call.program.channelwise(
        "embedding", as_channels, 1, trained_by(table), num_embeddings=rows, embedding_dim=channels
    )
    return found.permuted((0, 2, 1))
