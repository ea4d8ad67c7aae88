"""One layer of each kind, on inputs that it takes: the rows of `test_layers.py` are the one table of kinds."""

from __future__ import annotations

from test_layers import ROWS, Row

from vggcalc import Report
from vggcalc.analysis import analyse
from vggcalc.layers import REGISTRY, Input
from vggcalc.layers.base import said
from vggcalc.network import Network, Node
from vggcalc.shape import parse_shape

KINDS = [kind for kind in REGISTRY if kind != "input"]
"""All kinds of layer that a spec can have; those that a test brings along are not in it."""

EACH = {(row[1].kind, row[0].split()[0].count("x")): row for row in ROWS if row[1].kind != "input" and "x" in row[0]}
"""A row for each kind and number of axes, of several the last."""


def report_of(kind: str) -> Report:
    """A network of one layer of this kind."""
    text, layer, *_ = next(row for row in ROWS if row[1].kind == kind)
    shapes = tuple(map(parse_shape, text.split()))
    nodes = [Node(f"input{number}", Input(), ()) for number, _ in enumerate(shapes)]
    nodes.append(Node(kind, layer, tuple(range(len(shapes)))))
    return analyse(Network("t", tuple(nodes), shapes, (len(shapes),)))


def written(row: Row) -> list[str]:
    """A row's layer and inputs as arguments of `vggcalc layer`."""
    text, layer, *_ = row
    given = {name: value for name, value in layer.fields.items() if layer.defaults.get(name) != value}
    inputs = [argument for shape in text.split() for argument in ("--input", shape)]
    axes = text.split()[0].count("x")
    return [layer.kind, *(f"{name}={said(value)}" for name, value in given.items()), *inputs, "--axes", str(axes)]
