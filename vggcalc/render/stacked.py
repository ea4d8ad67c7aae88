"""The picture of a stack of convolutions against the single one that sees as much."""

from __future__ import annotations

from typing import Any

from vggcalc.analysis.stack import Stack
from vggcalc.render.sheet import Column, Sheet
from vggcalc.units import count, percent, plain


def stack_sheets(stack: Stack, channels: int | None) -> list[Sheet]:
    """The field after each convolution, and the comparison."""
    rows = [
        (
            f"conv{row.conv.text.replace(':', 'x')}",
            "x".join(count(field.size) for field in row.fields),
            "x".join(dict.fromkeys(count(field.jump) for field in row.fields)),
            f"{row.conv.taps}C^2",
            *([row.conv.taps * channels**2] if channels else []),
        )
        for row in stack.rows
    ]
    numbers = [Column("weights", f"C = {channels}", count, keep=0)] if channels else []
    columns = [
        Column("layer", "convolution", right=False, keep=0, style="bold"),
        Column("rf", "sees", keep=0),
        Column("jump", "jump", keep=2),
        Column("weights_per_c2", "weights", keep=0),
        *numbers,
    ]
    return [Sheet(columns, rows, title=sentence(stack)), _versus(stack, channels, numbers)]


def stack_document(stack: Stack, channels: int | None) -> dict[str, Any]:
    """The same as data."""
    return {
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
        "stack": _side(stack.taps, len(stack.rows), channels),
        "single": {"kernel_size": list(stack.size), **_side(stack.single_taps, 1, channels)},
    }


def sentence(stack: Stack) -> str:
    """three 3x3 see 7x7."""
    sizes = "x".join(map(str, stack.size))
    kernels = [row.conv.text for row in stack.rows]
    if len(set(kernels)) == 1 and kernels[0].isdigit():
        number = dict(enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), 1))
        many = number.get(len(kernels), str(len(kernels)))
        return f"{many} {kernels[0]}x{kernels[0]} {'see' if len(kernels) > 1 else 'sees'} {sizes}"
    return f"{', '.join(kernels)} see {sizes}" if len(kernels) > 1 else f"{kernels[0]} sees {sizes}"


def _side(taps: int, layers: int, channels: int | None) -> dict[str, Any]:
    side: dict[str, Any] = {"weights_per_c2": taps, "nonlinearities": layers}
    return side | ({"channels": channels, "weights": taps * channels**2} if channels else {})


def _versus(stack: Stack, channels: int | None, numbers: list[Column]) -> Sheet:
    single = "conv" + "x".join(map(str, stack.size if len(set(stack.size)) > 1 else stack.size[:1]))
    rows = [
        (
            name,
            f"{taps}C^2",
            *([taps * channels**2] if channels else []),
            percent(taps, stack.single_taps),
            layers,
        )
        for name, taps, layers in (("the stack", stack.taps, len(stack.rows)), (single, stack.single_taps, 1))
    ]
    columns = [
        Column("what", "the same field", right=False, keep=0, style="bold"),
        Column("weights_per_c2", "weights", keep=0),
        *numbers,
        Column("share", "share", keep=0),
        Column("nonlinearities", "non-linearities", count, keep=1),
    ]
    return Sheet(
        columns, rows, notes=["C channels in and out; weights without biases; a non-linearity after each layer"]
    )
