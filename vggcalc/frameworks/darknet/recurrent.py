"""Darknet's layers with a state, counted for one step; and the trained vectors of YOLOR."""

from __future__ import annotations

from typing import Any

from vggcalc.frameworks.assembly import Tensor
from vggcalc.frameworks.darknet.sections import section
from vggcalc.frameworks.darknet.step import Step


@section("rnn")
def _rnn(step: Step) -> Tensor:
    """Three connected layers: of the input, of the state, and of their sum."""
    said = step.section
    outputs = said.number("output", 1)
    hidden = said.number("hidden", outputs)

    def part(name: str, source: Tensor, features: int) -> Tensor:
        return step.weighted(
            lambda bias: step.add("fc", source, suffix=f".{name}", out_features=features, bias=bias), f".{name}"
        )

    return _stateful(step, part, hidden, outputs)


@section("crnn")
def _crnn(step: Step) -> Tensor:
    """The same of convolutions, 3x3 unless it says otherwise."""
    said = step.section
    size = said.number("size", 3)
    fields: dict[str, Any] = {"kernel_size": size, "padding": size // 2, "groups": said.number("groups", 1)}
    if "pad" in said.options or "padding" in said.options:
        fields["padding"] = size // 2 if said.flag("pad") else said.number("padding", 0)

    def part(name: str, source: Tensor, filters: int) -> Tensor:
        stride = said.number("stride", 1) if name == "input" else 1
        return step.weighted(
            lambda bias: step.add(
                "conv", source, suffix=f".{name}", out_channels=filters, stride=stride, bias=bias, **fields
            ),
            f".{name}",
        )

    outputs = said.number("output_filters", 1)
    return _stateful(step, part, said.number("hidden_filters", 1), outputs)


def _stateful(step: Step, part: Any, hidden: int, outputs: int) -> Tensor:
    """The state is as large as what the input becomes, so that it stands for it."""
    seen: Tensor = part("input", step.above, hidden)
    state: Tensor = part("self", seen, hidden)
    return part("output", step.add("add", seen, state, suffix=".state"), outputs)  # type: ignore[no-any-return]


@section("gru", "lstm")
def _gated(step: Step) -> Tensor:
    """Six or eight connected layers, each with its biases, or its own batch normalisation."""
    said = step.section
    normalises = said.flag("batch_normalize")
    read = step.above
    if len(step.shape.spatial) != 1:
        read = step.add("reshape", suffix=".step", shape=(1, step.shape.elements))
    made = step.add(step.type, read, hidden_size=said.number("output", 1), bias=not normalises, bias_vectors=2)
    for gate in _GATES[step.type] if normalises else ():
        made = step.add("batchnorm", made, suffix=f".{gate}.bn", counts_batches=False)
    return made


_GATES = {
    "gru": ("uz", "ur", "uh", "wz", "wr", "wh"),
    "lstm": ("uf", "ui", "ug", "uo", "wf", "wi", "wg", "wo"),
}


@section("implicit", "implicit_add", "implicit_mul")
def _implicit(step: Step) -> Tensor:
    """A trained vector, which `shift_channels` adds and `control_channels` multiplies by: it is counted there."""
    return step.above


@section("shift_channels")
def _shifted(step: Step) -> Tensor:
    return _used(step, "shift")


@section("control_channels")
def _controlled(step: Step) -> Tensor:
    return _used(step, "scale")


def _used(step: Step, kind: str) -> Tensor:
    """The vector is counted where it is first used."""
    vector = (kind, step.layers("from")[0])
    made = step.add(kind, shares=step.trained.get(vector))
    step.trained.setdefault(vector, made.place)
    return made
