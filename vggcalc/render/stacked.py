"""The pictures of stacks of convolutions: one against another, and the designs to see so many pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vggcalc.analysis.stack import Stack, StackedConv, weights, widths
from vggcalc.analysis.stack_design import StackDesign
from vggcalc.language.stacks import run_length, sentence
from vggcalc.render.sheet import Column, Sheet
from vggcalc.units import axes_text, count, percent, plain

Channels = tuple[int, ...] | None
"""How many channels the convolutions have; C in and out where nobody says."""


def stack_sheets(stack: Stack, versus: Stack | None, channels: Channels) -> list[Sheet]:
    """The field after each convolution, and the comparison with another stack or with the single layer."""
    stacks = [stack] if versus is None else [stack, versus]
    return [*(_layers(one, channels) for one in stacks), _versus(stack, versus, channels)]


def _note(channels: Channels) -> str:
    equal = channels is None or len(channels) == 1
    said = "C channels in and out" if equal else f"channels {', '.join(map(str, channels or ()))}"
    return f"{said}; weights without biases; a non-linearity after each layer"


def stack_document(stack: Stack, versus: Stack | None, channels: Channels) -> dict[str, Any]:
    """The same as data."""
    single = ("single", _side(stack.single, _ends(channels)))
    other = dict([single if versus is None else ("versus", _side(versus, channels))])
    return {"stack": _side(stack, channels), **other}


def reach_sheets(size: int, designs: Sequence[StackDesign], channels: Channels) -> list[Sheet]:
    """One line for each design to see so many pixels."""
    columns = (
        Column("stack", "stack of 3x3", right=False, keep=0, style="bold", wraps=True),
        Column("layers", "layers", count, keep=0),
        Column("rf", "sees", count, keep=0),
        Column("jump", "jump", count, keep=0),
        *_weight_columns(channels),
        Column("how", "how", right=False, keep=1, wraps=True),
    )
    rows = [
        (
            run_length(design.stack),
            len(design.stack.rows),
            design.stack.size[0],
            design.jump,
            *_weights(design.stack, channels, channels),
            _how(design),
        )
        for design in designs
    ]
    return [
        Sheet(
            columns,
            rows,
            f"Stacks of 3x3 that see at least {count(size)} pixel{'s' * (size > 1)}, the cheapest first",
            [_note(channels)],
        )
    ]


def reach_document(size: int, designs: Sequence[StackDesign], channels: Channels) -> dict[str, Any]:
    """The same as data."""
    return {"reach": size, "stacks": [_side(design.stack, channels) for design in designs]}


def _layers(stack: Stack, channels: Channels) -> Sheet:
    columns = [
        Column("layer", "convolution", right=False, keep=0, style="bold"),
        Column("rf", "sees", keep=0),
        Column("jump", "jump", keep=2),
        *_weight_columns(channels),
    ]
    rows = [
        (
            _conv_text(row.conv),
            "x".join(count(field.size) for field in row.fields),
            axes_text([count(field.shift) for field in row.fields]),
            *own,
        )
        for row, own in zip(stack.rows, _layer_weights(stack, channels), strict=True)
    ]
    return Sheet(columns, rows, sentence(stack))


def _conv_text(conv: StackedConv) -> str:
    """The convolution as papers write it: conv7/2."""
    stride = f"/{conv.stride}" if conv.stride > 1 else ""
    dilation = f" dilation {conv.dilation}" if conv.dilation > 1 else ""
    return f"conv{axes_text([str(k) for k in conv.kernel_size])}{stride}{dilation}"


def _ends(channels: Channels) -> Channels:
    """What comes into a stack and what goes out of it: the channels of the single convolution that sees as much."""
    return None if channels is None else (channels[0], channels[-1])[: len(channels)]


def _versus(stack: Stack, versus: Stack | None, channels: Channels) -> Sheet:
    sides = [(stack, channels), (versus, channels) if versus else (stack.single, _ends(channels))]
    totals = [sum(weights(one, own or (1,))) for one, own in sides]
    columns = [
        Column("what", "stack", right=False, keep=0, style="bold"),
        Column("rf", "sees", keep=0),
        Column("jump", "jump", keep=2),
        *_weight_columns(channels),
        Column("share", "share", keep=0),
        Column("nonlinearities", "non-linearities", count, keep=1),
    ]
    rows = [
        (
            run_length(one),
            "x".join(map(count, one.size)),
            axes_text([count(jump) for jump in one.jump]),
            *_weights(one, own, channels),
            percent(total, totals[-1]),
            len(one.rows),
        )
        for (one, own), total in zip(sides, totals, strict=True)
    ]
    return Sheet(columns, rows, "Side by side", [_note(channels)])


def _side(stack: Stack, channels: Channels) -> dict[str, Any]:
    side: dict[str, Any] = {
        "layers": [
            {
                "kernel_size": list(row.conv.kernel_size),
                "stride": row.conv.stride,
                "dilation": row.conv.dilation,
                "rf": {
                    "size": [field.size for field in row.fields],
                    "jump": [plain(field.jump) for field in row.fields],
                },
                "weights_per_c2": row.conv.taps,
            }
            for row in stack.rows
        ],
        "size": list(stack.size),
        "jump": list(stack.jump),
        "weights_per_c2": stack.taps,
        "nonlinearities": len(stack.rows),
    }
    if channels is None:
        return side
    through, own = widths(stack, channels), weights(stack, channels)
    for place, layer in enumerate(side["layers"]):
        layer |= {"channels": list(through[place : place + 2]), "weights": own[place]}
    return side | {"channels": channels[0] if len(channels) == 1 else list(through), "weights": sum(own)}


def _per_c2(taps: int) -> str:
    return f"{count(taps)}C^2"


def _weight_columns(channels: Channels) -> list[Column]:
    """Weights for C channels, and for those that are given; for several, how many each of them is."""
    if channels is None or len(channels) == 1:
        columns = [Column("weights_per_c2", "weights", _per_c2, keep=0)]
        return [*columns, Column("weights", f"C = {channels[0]}", count, keep=0)] if channels else columns
    named = ", ".join(f"{symbol} = {number}" for number, symbol in _symbols(channels).items())
    return [Column("weights_in_c", "weights", keep=1), Column("weights", named, count, keep=0)]


def _weights(stack: Stack, channels: Channels, named: Channels) -> list[Any]:
    """What stands in these columns for a whole stack; `named` are the channels that have symbols."""
    if channels is None or named is None:
        return [stack.taps]
    in_c = stack.taps if len(named) == 1 else _in_symbols(stack, channels, _symbols(named))
    return [in_c, sum(weights(stack, channels))]


def _layer_weights(stack: Stack, channels: Channels) -> list[list[Any]]:
    """What stands in the columns of weights for each convolution."""
    taps = [row.conv.taps for row in stack.rows]
    if channels is None:
        return [[each] for each in taps]
    own = weights(stack, channels)
    if len(channels) == 1:
        return [[each, weight] for each, weight in zip(taps, own, strict=True)]
    through = widths(stack, channels)
    products = [
        f"({'*'.join(map(str, (*row.conv.kernel_size, before)))})*{after}"
        for row, before, after in zip(stack.rows, through, through[1:], strict=False)
    ]
    return [[product, weight] for product, weight in zip(products, own, strict=True)]


def _symbols(channels: Sequence[int]) -> dict[int, str]:
    """Each number of channels, and how it is called."""
    return {number: f"C{place}" for place, number in enumerate(dict.fromkeys(channels), 1)}


def _in_symbols(stack: Stack, channels: Sequence[int], symbols: Mapping[int, str]) -> str:
    """The weights of a stack: 9*C1*C2 + 18*C2^2."""
    through = widths(stack, channels)
    terms: dict[str, int] = {}
    for row, before, after in zip(stack.rows, through, through[1:], strict=False):
        product = f"{symbols[before]}^2" if before == after else f"{symbols[before]}*{symbols[after]}"
        terms[product] = terms.get(product, 0) + row.conv.taps
    return " + ".join(f"{count(taps)}*{product}" for product, taps in terms.items())


def _how(design: StackDesign) -> str:
    if design.dilation > 1:
        return f"dilation up to {count(design.dilation)}, at full resolution"
    if design.strides:
        return f"{count(design.strides)} stride{'s' * (design.strides > 1)} of 2, {count(design.jump)} times coarser"
    return "plain"
