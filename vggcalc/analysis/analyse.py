"""The one loop: every layer answers its questions once, in topological order."""

from __future__ import annotations

from vggcalc.analysis.field import PIXEL, union
from vggcalc.analysis.report import Fields, Report, Row, Totals
from vggcalc.errors import Problem, SpecError
from vggcalc.layers import Weight
from vggcalc.network import Network, Node
from vggcalc.shape import Shape


def analyse(
    network: Network, *, batch: int = 1, dtype: str = "float32", training: bool = False, fields: bool = True
) -> Report:
    """Every figure of a network, layer by layer; what runs in training alone does no work unless `training` is set.

    Without `fields` no receptive fields are followed, for who wants the totals of many networks.

    Raises: SpecError with all layers that do not fit their input.
    """
    shapes, problems = network.shapes()
    if problems:
        raise SpecError(problems)
    rows: list[Row] = []
    for node, shape in zip(network.nodes, shapes, strict=True):
        assert shape is not None
        rows.append(_row(node, shape, rows, batch, training or not node.training, fields))
    if problems := _misfit_shares(network, rows):
        raise SpecError(problems)
    return Report(network, tuple(rows), _totals(rows, batch, dtype), batch, dtype)


def _row(node: Node, output: Shape, above: list[Row], batch: int, works: bool, followed: bool) -> Row:
    layer = node.layer
    assert layer is not None
    if not node.inputs:
        fields: Fields = {node.name: (PIXEL,) * len(output.spatial)}
        return Row(node.name, layer, (), (), output, (), 0, batch * output.elements, fields)
    inputs = tuple(above[source].output for source in node.inputs)
    return Row(
        name=node.name,
        layer=layer,
        inputs=node.inputs,
        input_shapes=inputs,
        output=output,
        tensors=layer.weights(*inputs) if node.shares is None else (),
        macs=batch * layer.macs(*inputs) if works else 0,
        activations=0 if layer.in_place or not works else batch * output.elements,
        fields=_fields(node, inputs, output.spatial, above) if followed else {},
        shares="" if node.shares is None else above[node.shares].name,
        works=works,
    )


def _misfit_shares(network: Network, rows: list[Row]) -> list[Problem]:
    """Layers that share the weights of another but would need other ones."""
    problems = []
    for node, row in zip(network.nodes, rows, strict=True):
        if node.shares is not None:
            theirs, own = rows[node.shares].tensors, row.layer.weights(*row.input_shapes)
            if theirs != own:
                message = f"{row.name} needs {_tensors(own)}, but shares those of {row.shares}: {_tensors(theirs)}"
                problems.append(Problem(message, "give both the same fields and as many input channels", node.mark))
    return problems


def _tensors(tensors: tuple[Weight, ...]) -> str:
    return " and ".join(f"{tensor.name} {'x'.join(map(str, tensor.shape))}" for tensor in tensors) or "no weights"


def _fields(node: Node, inputs: tuple[Shape, ...], spatial: tuple[int, ...], above: list[Row]) -> Fields:
    """The fields of what the layer reads, seen through its windows; where paths merge, their union."""
    assert node.layer is not None
    if node.layer.in_place and len(inputs) == 1 and spatial == inputs[0].spatial:
        return above[node.inputs[0]].fields
    windows = node.layer.windows(*inputs)
    seen = [
        {
            name: tuple(f.through(w, n) for f, w, n in zip(fields, window, spatial, strict=True))
            for name, fields in above[source].fields.items()
        }
        for source, window in zip(node.inputs, windows, strict=False)  # of the last, only the size may be read
    ]
    if len(seen) == 1:
        return seen[0]
    names = dict.fromkeys(name for fields in seen for name in fields)
    return {
        name: tuple(
            union(axis, n)
            for *axis, n in zip(*(fields[name] for fields in seen if name in fields), spatial, strict=True)
        )
        for name in names
    }


def _totals(rows: list[Row], batch: int, dtype: str) -> Totals:
    activations = sum(row.activations for row in rows)
    return Totals(
        weights=sum(row.weights for row in rows),
        biases=sum(row.biases for row in rows),
        buffers=sum(row.buffers for row in rows),
        macs=sum(row.macs for row in rows),
        activations=activations,
        forward=activations + _kept_inputs(rows, batch),
        dtype=dtype,
    )


def _kept_inputs(rows: list[Row], batch: int) -> int:
    """The inputs that convolutions and linear layers keep."""
    return sum(batch * shape.elements for row in rows if row.multiplies for shape in row.input_shapes)
