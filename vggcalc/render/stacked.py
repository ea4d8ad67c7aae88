"""The pictures of stacks of convolutions: one against another, and the designs to see so many pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.analysis.stack import Stack, StackedConv
from vggcalc.analysis.stack_design import StackDesign
from vggcalc.language.stacks import run_length, sentence
from vggcalc.render.sheet import Column, Sheet
from vggcalc.units import axes_text, count, percent, plain

NOTE = "C channels in and out; weights without biases; a non-linearity after each layer"


def stack_sheets(stack: Stack, versus: Stack | None, channels: int | None) -> list[Sheet]:
    """The field after each convolution, and the comparison with another stack or with the single layer."""
    stacks = [stack] if versus is None else [stack, versus]
    return [*(_layers(one, channels) for one in stacks), _versus(stack, versus or stack.single, channels)]


def stack_document(stack: Stack, versus: Stack | None, channels: int | None) -> dict[str, Any]:
    """The same as data."""
    other = {"single": _side(stack.single, channels)} if versus is None else {"versus": _side(versus, channels)}
    return {"stack": _side(stack, channels), **other}


def reach_sheets(size: int, designs: Sequence[StackDesign], channels: int | None) -> list[Sheet]:
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
            *_weights(design.stack, channels),
            _how(design),
        )
        for design in designs
    ]
    return [
        Sheet(
            columns,
            rows,
            f"Stacks of 3x3 that see at least {count(size)} pixel{'s' * (size > 1)}, the cheapest first",
            [NOTE],
        )
    ]


def reach_document(size: int, designs: Sequence[StackDesign], channels: int | None) -> dict[str, Any]:
    """The same as data."""
    return {"reach": size, "stacks": [_side(design.stack, channels) for design in designs]}


def _layers(stack: Stack, channels: int | None) -> Sheet:
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
            row.conv.taps,
            *([row.conv.taps * channels**2] if channels else []),
        )
        for row in stack.rows
    ]
    return Sheet(columns, rows, sentence(stack))


def _conv_text(conv: StackedConv) -> str:
    """The convolution as papers write it: conv7/2."""
    stride = f"/{conv.stride}" if conv.stride > 1 else ""
    dilation = f" dilation {conv.dilation}" if conv.dilation > 1 else ""
    return f"conv{axes_text([str(k) for k in conv.kernel_size])}{stride}{dilation}"


def _versus(stack: Stack, other: Stack, channels: int | None) -> Sheet:
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
            *_weights(one, channels),
            percent(one.taps, other.taps),
            len(one.rows),
        )
        for one in (stack, other)
    ]
    return Sheet(columns, rows, "Side by side", [NOTE])


def _side(stack: Stack, channels: int | None) -> dict[str, Any]:
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
    return side | ({"channels": channels, "weights": stack.taps * channels**2} if channels else {})


def _per_c2(taps: int) -> str:
    return f"{count(taps)}C^2"


def _weight_columns(channels: int | None) -> list[Column]:
    columns = [Column("weights_per_c2", "weights", _per_c2, keep=0)]
    return [*columns, Column("weights", f"C = {channels}", count, keep=0)] if channels else columns


def _weights(stack: Stack, channels: int | None) -> list[int]:
    return [stack.taps, *([stack.taps * channels**2] if channels else [])]


def _how(design: StackDesign) -> str:
    if design.dilation > 1:
        return f"dilation up to {count(design.dilation)}, at full resolution"
    if design.strides:
        return f"{count(design.strides)} stride{'s' * (design.strides > 1)} of 2, {count(design.jump)} times coarser"
    return "plain"
