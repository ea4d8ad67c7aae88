"""A convention is a table: for each kind of layer a sum of named quantities, `macs + bias` or `2 out`.

A kind that a table does not name is one on which its tool is silent: the count is unknown there, never 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import prod
from typing import NamedTuple

from vggcalc.analysis.report import Report, Row
from vggcalc.layers.base import per_axis
from vggcalc.network import Node
from vggcalc.shape import Shape

Rule = tuple[tuple[int, str], ...]
"""Terms: each how often, and the name of a quantity."""

_TERM = re.compile(r"(?:(\d+) )?([a-z_]+)")

MB, MIB = 10**6, 2**20
"""What tools print as MB, in bytes."""


class Place(NamedTuple):
    """A layer of a report with all that a quantity may look at."""

    report: Report
    row: Row
    node: Node
    readers: int
    modules: int

    @property
    def out(self) -> int:
        """Values of the output, for the batch."""
        return self.report.batch * self.row.output.elements

    @property
    def positions(self) -> int:
        """Positions of the output map, for the batch."""
        return self.report.batch * prod(self.row.output.spatial)

    def names(self) -> Iterator[str]:
        """What a table may call the layer, the most special first.

        `relu:functional` is a ReLU in this form of `FORMS`, `:functional` every layer in it; `upsample:bilinear` is in
        this mode, on a map of two axes; `convtranspose:unbiased` has no bias; `*` is every kind that is left.
        """
        kind, fields = self.row.kind, self.row.layer.fields
        if form := self.node.form:
            yield from (f"{kind}:{form}", f":{form}")
        mode = fields.get("mode")
        if mode is not None and (mode != "bilinear" or len(self.row.output.spatial) == 2):
            yield f"{kind}:{mode}"
        if fields.get("bias") is False:
            yield f"{kind}:unbiased"
        yield from (kind, "*")


class Note(NamedTuple):
    """What surprises in a convention, and at which kinds of layers; without kinds at all."""

    text: str
    kinds: frozenset[str] = frozenset()


def note(text: str, kinds: str = "") -> Note:
    """A note on some kinds of layers."""
    return Note(text, frozenset(kinds.split()))


class Convention(NamedTuple):
    """How one tool or paper counts: a rule for every kind of layer that it speaks of.

    what: in one line, what is counted. source: the tool's version and file, or the paper. is_sum: the total is the sum
    of the layers. aliases: other names under which it is known.

    own: how it counts where that is no table; `told` then says, by kind of layer, what in words.

    Of memory, megabyte: the bytes of an MB where the tool prints MB; bytes_each: the bytes of a value, None for those
    of the report's number format, 0 for a count that is no memory.
    """

    name: str
    what: str
    source: str
    rules: Mapping[str, Rule] = {}
    notes: tuple[Note, ...] = ()
    aliases: tuple[str, ...] = ()
    is_sum: bool = True
    megabyte: int = 0
    bytes_each: int | None = None
    own: Callable[[Report], Count] | None = None
    told: Mapping[str, str] = {}

    def rule(self, place: Place) -> Rule | None:
        """The rule for a layer; None where the convention is silent."""
        if not place.row.works:
            return ()
        return next((self.rules[key] for key in place.names() if key in self.rules), None)

    def texts(self) -> dict[str, str]:
        """The rules as text, by kind of layer."""
        return {kind: written(rule) for kind, rule in self.rules.items()} | dict(self.told)


class Term(NamedTuple):
    """One term of a layer's count: how often, which quantity, and how much that is."""

    times: int
    quantity: str
    amount: int

    @property
    def value(self) -> int:
        """What the term adds."""
        return self.times * self.amount


class Count(NamedTuple):
    """A network by a convention: the terms of each layer, the total, and the kinds of which nothing is known."""

    convention: Convention
    rows: tuple[tuple[Term, ...] | None, ...]
    unknown: tuple[str, ...]
    total: int | None
    total_bytes: int | None = None
    """What the total takes as memory; None for operations, for a count that is no memory, and where it is unknown."""
    at: str = ""
    """The layer at which a peak stands."""
    reasons: tuple[str, ...] = ()
    """Why each layer counts what it does, where no rule says it."""

    def of(self, index: int) -> int | None:
        """What a layer counts; None where that is unknown."""
        terms = self.rows[index]
        return None if terms is None else sum(term.value for term in terms)

    def adds(self, index: int) -> bool:
        """Whether a layer makes a difference to the total, or could."""
        return self.convention.is_sum and self.of(index) != 0


class Counts(NamedTuple):
    """What was asked to be counted as others do; None is not asked."""

    operations: Count | None = None
    memory: Count | None = None

    @property
    def asked(self) -> tuple[Count, ...]:
        """The counts that there are."""
        return tuple(found for found in self if found is not None)

    def heading(self, found: Count) -> str:
        """What one of them is called: by its convention, and of what it is where both have the same name."""
        name = found.convention.name
        names = [each.convention.name for each in self.asked]
        return f"{name} {'operations' if found is self.operations else 'memory'}" if names.count(name) > 1 else name


Quantity = Callable[[Place], int]

QUANTITIES: dict[str, tuple[str, Quantity]] = {
    "macs": ("multiply-accumulates", lambda place: place.row.macs),
    "bias": ("outputs of a layer with a bias", lambda place: place.out if place.row.layer.fields.get("bias") else 0),
    "out": ("outputs", lambda place: place.out),
    "in": ("inputs", lambda place: _inputs(place)),
    "trained": ("outputs of a layer with parameters", lambda place: place.out if trained(place.row) else 0),
    "params": ("parameters, once an image", lambda place: place.report.batch * trained(place.row)),
    "own": ("outputs of a layer that does not run in place", lambda place: place.row.activations),
    "held": ("parameters", lambda place: place.row.params),
    "running": ("running means and variances", lambda place: _running(place)),
    "in_and_out": ("inputs and outputs, as floating point has them", lambda place: _in_floats(place)),
    "positions": ("positions of the map", lambda place: place.positions),
    "taps": ("inputs under the window, for all outputs", lambda place: place.out * _window(place, "size")),
    "stepped": ("outputs times the window's step", lambda place: place.out * _window(place, "step")),
    "spread": ("weights at every position of the output", lambda place: _spread(place)),
    "spread_back": ("weights at every position of the output, over the stride", lambda place: _spread_back(place)),
    "padded": ("inputs, with the padding of their channels", lambda place: place.report.batch * padded(place.row)),
    "copies": ("outputs for each reader, where there are several", lambda place: place.out * _several(place.readers)),
    "modules": ("outputs of each module that ends here", lambda place: place.out * place.modules),
    "weighted": (
        "inputs of a convolution or linear layer",
        lambda place: _inputs(place) if place.row.multiplies else 0,
    ),
}
"""What rules are made of: in words, and as a figure of one layer."""


def table(*lines: tuple[str, str]) -> dict[str, Rule]:
    """A table of rules from lines of (kinds, rule).

    >>> table(("conv fc", "2 macs + bias"), ("relu", "0"))["fc"]
    ((2, 'macs'), (1, 'bias'))
    """
    rules: dict[str, Rule] = {}
    for kinds, text in lines:
        rule = _rule(text)
        for kind in kinds.split():
            if kind in rules:
                raise ValueError(f"a table has two rules for '{kind}'")
            rules[kind] = rule
    return rules


def written(rule: Rule) -> str:
    """A rule as a table's line has it.

    >>> written(((2, "macs"), (1, "bias"))), written(((3, "out"), (-1, "positions")))
    ('2 macs + bias', '3 out - positions')
    """
    return joined((times, name if abs(times) == 1 else f"{abs(times)} {name}") for times, name in rule)


def joined(terms: Iterable[tuple[int, str]]) -> str:
    """Terms as a sum, each with the sign of its number; 0 for none."""
    text = "".join(f" {'-' if times < 0 else '+'} {term}" for times, term in terms)
    return text.removeprefix(" + ") or "0"


def count(convention: Convention, report: Report) -> Count:
    """Count a network by a convention, layer by layer and term by term.

    >>> from vggcalc import load
    >>> from vggcalc.conventions import OPERATIONS
    >>> count(OPERATIONS["torchinfo"], load("vgg16").analyse()).total
    15483821032
    """
    if convention.own is not None:
        return convention.own(report)
    rows: list[tuple[Term, ...] | None] = []
    unknown: dict[str, None] = {}
    for place in places(report):
        rule = convention.rule(place)
        if rule is None:
            unknown[place.row.kind] = None
            rows.append(None)
        else:
            rows.append(tuple(Term(times, name, QUANTITIES[name][1](place)) for times, name in rule))
    total = None if unknown else sum(term.value for row in rows if row for term in row)
    return Count(convention, tuple(rows), tuple(unknown), total)


def places(report: Report) -> Iterable[Place]:
    """The layers of a report, each with what stands round it."""
    network = report.network
    readers = [0] * len(network.nodes)
    for node in network.nodes:
        for source in node.inputs:
            readers[source] += 1
    modules = [0] * len(network.nodes)
    for last in network.modules.values():
        modules[last] += 1
    for index, (node, row) in enumerate(zip(network.nodes, report.rows, strict=True)):
        yield Place(report, row, node, readers[index], modules[index])


def by_name(*conventions: Convention) -> dict[str, Convention]:
    """Conventions by their name."""
    return {convention.name: convention for convention in conventions}


def _rule(text: str) -> Rule:
    if text == "0":
        return ()
    first, *others = re.split(r" ([+-]) ", text)
    signs = ("+", *others[::2])
    return tuple(_term(term, sign) for term, sign in zip((first, *others[1::2]), signs, strict=True))


def _term(text: str, sign: str) -> tuple[int, str]:
    match = _TERM.fullmatch(text)
    if match is None or match[2] not in QUANTITIES:
        raise ValueError(f"'{text}' is no term of a rule; it is a number and one of {', '.join(QUANTITIES)}")
    return int(sign + (match[1] or "1")), match[2]


def _inputs(place: Place) -> int:
    shapes: tuple[Shape, ...] = place.row.input_shapes
    return place.report.batch * sum(shape.elements for shape in shapes)


def trained(row: Row) -> int:
    """The layer's parameters, also where another layer holds them for it."""
    return _elements(row, "weight", "bias")


def _elements(row: Row, *counted: str) -> int:
    if not row.inputs:
        return 0
    return sum(tensor.elements for tensor in row.layer.weights(*row.input_shapes) if tensor.counts_as in counted)


def _spread(place: Place) -> int:
    return place.positions * _elements(place.row, "weight")


def _spread_back(place: Place) -> int:
    """What is no whole number is cut."""
    stride = per_axis(place.row.layer.fields["stride"], len(place.row.output.spatial), "stride")
    return _spread(place) // prod(stride)


def _running(place: Place) -> int:
    """The buffers but for PyTorch's count of batches, which is a scalar."""
    return sum(tensor.elements for tensor in place.row.tensors if tensor.counts_as == "buffer" and tensor.shape)


def _window(place: Place, figure: str) -> int:
    windows = place.row.layer.window(*place.row.input_shapes)
    found: int = prod(window.size if figure == "size" else window.step for window in windows)
    return found


def _in_floats(place: Place) -> int:
    """int((prod(in / out) + 1) * out), as thop reckons with doubles: now and then one too few."""
    (shape,) = place.row.input_shapes
    share = prod(n / m for n, m in zip(shape.spatial, place.row.output.spatial, strict=True))
    return int((share + 1) * place.out)


def padded(row: Row) -> int:
    """The map that PyTorch's local response normalisation pools, of an image: size - 1 channels are padded to it."""
    more: int = row.layer.fields["size"] - 1
    return (row.output.channels + more) * prod(row.output.spatial)


def _several(readers: int) -> int:
    return readers if readers > 1 else 0
