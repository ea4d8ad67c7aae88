"""One layer without a file: `conv3-64 padding=half` as a network of its own."""

from __future__ import annotations

from collections.abc import Sequence

from vggcalc import bounds
from vggcalc.errors import Problem, Source, SpecError, UsageError
from vggcalc.language.build import Builder
from vggcalc.language.graph import TooLargeError, too_many_layers
from vggcalc.language.size import Size
from vggcalc.network import Network
from vggcalc.reading.nodes import ListNode, parse
from vggcalc.reading.reader import Reader
from vggcalc.shape import AXES, Shape, parse_input


def single_layer(text: str, fields: Sequence[str], inputs: Sequence[str], axes: int | None = None) -> Network:
    """A network of one layer, which reads every input.

    text: shorthand, or a layer in YAML. fields: `FIELD=VALUE`, VALUE as a spec would write it. axes: how many spatial
    axes the inputs have; if nothing is said, as many as the layer's fields are written for, or else two.
    Raises: SpecError and UsageError, quoting the layer as a line of a spec.
    """
    for field in fields:
        if "=" not in field:
            raise UsageError(
                Problem(f"'{field}' sets no field", "write FIELD=VALUE, as in padding=half", code="missing-key")
            )
    options = ", ".join(f"{name}: {_listed(value)}" for name, _, value in (field.partition("=") for field in fields))
    source = Source("<layer>", f"{{{text}: {{{options}}}}}" if options else text)
    reader = Reader()
    node = parse(source, reader.problems)
    shapes = {f"input{number}" if number else "input": parse_input(shape) for number, shape in enumerate(inputs)}
    builder = Builder(reader, {}, {})
    graph = builder.graph
    graph.inputs(shapes, None)
    if node is not None:
        items = node if isinstance(node, ListNode) else ListNode([node], node.mark)
        try:
            if Size({}, {}).least(items) > bounds.LAYERS:
                raise too_many_layers()
            builder.sequence(items, graph.top_scope({}), tuple(range(len(shapes))))
        except TooLargeError as error:
            reader.fault(f"this {error.reason}", error.hint, node.mark, code="out-of-bounds")
    if reader.problems:
        raise SpecError(reader.problems)
    if len(graph.nodes) == len(shapes):
        raise UsageError(Problem("there is no layer to derive", "write one as in conv3-64", code="missing-key"))
    said = axes or next((n.layer.own_axes for n in graph.nodes[len(shapes) :] if n.layer and n.layer.own_axes), 2)
    reads_any = any(node.layer and node.layer.mixes_axes for node in graph.nodes)
    for place, (given, shape) in enumerate(zip(inputs, shapes.values(), strict=True)):
        if len(shape.spatial) != said and not (place and reads_any):
            raise UsageError(_other_axes(given, shape, said))
    return Network(text, tuple(graph.nodes), tuple(shapes.values()), (len(graph.nodes) - 1,))


def _other_axes(text: str, shape: Shape, axes: int) -> Problem:
    """An input without its channels, or with a batch, that would silently make another layer of the one meant."""
    written = f"{text} is no {' x '.join(AXES[axes])} x channels"
    other = f"or set axes to {len(shape.spatial)}"
    if len(shape.spatial) == axes - 1:
        return Problem(f"{written}: the channels are missing", f"write {text}x3, {other}", code="bad-value")
    return Problem(written, f"leave a batch out, {other}", code="bad-value")


def _listed(value: str) -> str:
    """A value as a spec writes it; 2,3 is a list."""
    return f"[{value}]" if "," in value and not value.startswith(("[", "{")) else value
