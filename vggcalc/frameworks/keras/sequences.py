"""Linear layers, and what reads sequences: embeddings, recurrent layers, attention, layers that wrap others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.errors import FieldError, ShapeError
from vggcalc.frameworks.keras.activations import activated
from vggcalc.frameworks.keras.calls import unit_of
from vggcalc.frameworks.keras.merges import merged
from vggcalc.frameworks.keras.step import Step, Unknown, Value
from vggcalc.frameworks.keras.table import LAYERS, layer


@layer("Dense", holds=True)
def _dense(step: Step) -> Value:
    """A vector wholly, a map at each position alike."""
    value = step.value
    units, bias = step.number("units"), step.flag("use_bias", True)
    if value.rank == 1:
        value = step.arranged(value, 0)
        return activated(
            step,
            Value(step.add("fc", value, out_features=units, bias=bias), (units,), 0),
            step.config.get("activation"),
        )
    return activated(step, _linear(step, value, units, bias), step.config.get("activation"))


def _linear(step: Step, value: Value, units: int, bias: bool, suffix: str = "") -> Value:
    value = step.arranged(value, value.rank - 1)
    return step.written(step.add("linear", value, suffix=suffix, out_features=units, bias=bias), value)


@layer("MaxoutDense", holds=True)
def _maxout(step: Step) -> Value:
    """Keras 1: the largest of several linear outputs each."""
    units, features = step.number("units"), step.number("nb_feature", 4)
    wide = step.add("fc", suffix="features", out_features=units * features, bias=step.flag("use_bias", True))
    return Value(step.add("reduce", wide, op="max", out_channels=units, interleaved=True), (units,), 0)


@layer("Embedding", holds=True)
def _embedding(step: Step) -> Value:
    value = step.arranged(step.value, None)
    width = step.number("output_dim")
    tensor = step.add("embedding", value, num_embeddings=step.number("input_dim"), embedding_dim=width)
    return Value(tensor, (*(value.sizes or ()), width), value.rank)


# --- recurrent ------------------------------------------------------------------------------------------------------

_RECURRENT = {
    "LSTM": ("lstm", 1),
    "GRU": ("gru", 1),
    "SimpleRNN": ("rnn", 1),
    "CuDNNLSTM": ("lstm", 2),
    "CuDNNGRU": ("gru", 2),
}
"""Classes by their kinds, and how many vectors of biases they have."""


@layer(*_RECURRENT, holds=True)
def _recurrent(step: Step) -> Value | Sequence[Value]:
    return _read_in_steps(step, False)


def _read_in_steps(step: Step, both: bool) -> Value | Sequence[Value]:
    """All states, or the last one; and behind it, where they are asked for, the last states again."""
    value = step.value
    if value.rank != 2:
        raise Unknown
    value = step.arranged(value, 1)
    kind, biases = _RECURRENT[step.unit.type]
    if step.unit.type == "GRU" and step.flag("reset_after", False):
        biases = 2
    states = step.written(
        step.add(
            kind,
            value,
            hidden_size=step.number("units"),
            bidirectional=both,
            bias=step.flag("use_bias", True),
            bias_vectors=biases,
        ),
        value,
    )
    returns_all, returns_state = step.flag("return_sequences", False), step.flag("return_state", False)
    if returns_all and not returns_state:
        return states
    length = (value.sizes or (1,))[0]
    width = (states.sizes or (0, 0))[1]
    tensor = step.add("crop", states, suffix="last", size=1, offset=length - 1)
    last = Value(tensor, (width,), 0)
    if not returns_state:
        return last
    return [states if returns_all else last, *[last] * (2 if kind == "lstm" else 1)]


@layer("Bidirectional", holds=True)
def _bidirectional(step: Step) -> Value | Sequence[Value]:
    """One way and back, the states of both one after the other, or combined."""
    inner = _wrapped(step)
    back = step.config.get("backward_layer")
    if inner.unit.type not in _RECURRENT or (back is not None and not _is_alike(back, step.config.get("layer"))):
        raise Unknown
    found = _read_in_steps(inner, True)
    how = step.text("merge_mode", "concat" if "merge_mode" not in step.config else "")
    kinds = {"sum": "add", "mul": "multiply", "ave": "add"}
    if how == "concat":
        return found
    if how not in kinds or not isinstance(found, Value) or found.sizes is None:
        raise Unknown
    half = inner.number("units")
    parts = [
        found._replace(
            tensor=step.add("slice", found, suffix=way, start=start, stop=start + half),
            sizes=(*found.sizes[:-1], half),
        )
        for way, start in (("forward", 0), ("backward", half))
    ]
    total = merged(step, kinds[how], parts, suffix="merged")
    return step.same("power", total, "average", factor=0.5) if how == "ave" else total


def _is_alike(back: Any, forth: Any) -> bool:
    """Whether a layer that goes back is as the one that goes forth, but for its name and its direction."""

    def said(layer: Any) -> Any:
        config = layer.get("config") if isinstance(layer, dict) else None
        if not isinstance(config, dict):
            return None
        own = {key: value for key, value in config.items() if key not in ("name", "go_backwards")}
        return layer.get("class_name"), own

    return said(back) is not None and said(back) == said(forth)


def _wrapped(step: Step, lead: int = 0) -> Step:
    entry = step.config.get("layer")
    inner = step.inside(unit_of(entry, step.unit.mark), lead)
    if not isinstance(entry, dict):
        raise FieldError("layer", "'layer' is no layer", "it is the one that is wrapped", code="bad-field")
    return inner


@layer("TimeDistributed", holds=True)
def _time_distributed(step: Step) -> Value | Sequence[Value]:
    """The layer at each step of time alike: a window of one along it."""
    inner = _wrapped(step, 1)
    if inner.unit.type not in _AT_EACH_STEP:
        raise Unknown
    if step.value.rank <= inner.lead:
        raise ShapeError("no steps in time are read", "give it one axis more", code="shape-misfit")
    return LAYERS[inner.unit.type](inner)


_AT_EACH_STEP = frozenset(
    [f"{name}{axes}D" for name in ("Conv", "DepthwiseConv", "SeparableConv", "MaxPooling", "AveragePooling",
                                  "GlobalMaxPooling", "GlobalAveragePooling", "ZeroPadding", "Cropping", "UpSampling",
                                  "SpatialDropout") for axes in (1, 2)]
    + ["Dense", "Flatten", "Reshape", "Permute", "Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "Dropout",
       "BatchNormalization", "LayerNormalization", "Rescaling", "TimeDistributed", "Conv1DTranspose", "Conv2DTranspose"]
)  # fmt: skip
"""What acts alike on a map of several times: windows and single positions."""


# --- attention ------------------------------------------------------------------------------------------------------


def _named(step: Step, *names: str) -> list[Value]:
    """Queries and what else attention reads, by place and by name; masks are left out."""
    given: Sequence[Any] = step.args
    if given and isinstance(given[0], tuple) and not isinstance(given[0], Value):
        given = given[0]
    found = [value for value in given[: len(names)] if isinstance(value, Value)]
    return found + [step.kwargs[name] for name in names[len(found) :] if isinstance(step.kwargs.get(name), Value)]


@layer("MultiHeadAttention", holds=True)
def _heads(step: Step) -> Value:
    """Queries, keys and values of each head, their products, and all heads together put into the queries' width."""
    read = _named(step, "query", "value", "key")
    if len(read) < 2:
        raise Unknown
    query, value, key = read[0], read[1], read[2] if len(read) > 2 else read[1]
    heads, width = step.number("num_heads"), step.number("key_dim")
    depth = step.number("value_dim", width) if step.config.get("value_dim") is not None else width
    bias = step.flag("use_bias", True)
    out = (query.sizes or (0,))[-1]
    if step.config.get("output_shape") is not None:
        out = step.number("output_shape")
    if step.flag("use_gate", False) or query.rank != value.rank or query.rank < 2:
        raise Unknown
    projected = [
        _linear(step, query, heads * width, bias, "query"),
        _linear(step, key, heads * width, bias, "key"),
        _linear(step, value, heads * depth, bias, "value"),
    ]
    axes = step.axes("attention_axes", query, range(1, query.rank))
    whole = query.rank > 2 and axes == list(range(query.rank - 1))
    if query.rank > 2 and not whole:
        raise Unknown
    over = "map" if whole else "last"
    tensor = step.add("attention", *projected, suffix="attention", num_heads=heads, over=over)
    attended = step.written(tensor, projected[0])
    return _linear(step, attended, out, bias, "attention_output")


@layer("Attention", holds=True)
def _attention(step: Step) -> Value:
    """Dot products of queries with keys, which are the values unless they are given."""
    read = _named(step, "query", "value", "key")
    if len(read) < 2 or step.text("score_mode", "dot") != "dot" or any(value.rank != 2 for value in read):
        raise Unknown
    query, value, key = (step.arranged(each, 1) for each in (read[0], read[1], read[-1]))
    if step.flag("use_scale", False):
        query = step.same("scale", query, "scale", over="one")
    return step.written(step.add("attention", query, key, value), query)
