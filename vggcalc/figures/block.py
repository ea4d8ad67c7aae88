"""A block as the sum of its parts: what each adds to its figures, and what comes out of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from vggcalc.analysis.derive import Line, alike, derive, span_formula
from vggcalc.analysis.report import Row
from vggcalc.figures.catalogue import FIGURES
from vggcalc.figures.counted import count_of
from vggcalc.figures.figure import Figure, value_of
from vggcalc.figures.selection import Selection
from vggcalc.layers import Formula
from vggcalc.layers.base import formula
from vggcalc.paths import separator
from vggcalc.record import Record
from vggcalc.shape import AXES
from vggcalc.units import DTYPE_BITS

SUMS = ("weights", "biases", "params", "buffers", "macs", "activations")
MOST_TERMS = 8
"""Of a longer sum, equal terms that stand side by side are counted."""


class Part(Record):
    """A block inside of a block, or a layer of it, by the name that it has there."""

    name: str
    selection: Selection


class BlockDerivation(Record):
    """How the figures of a block come about."""

    name: str
    selection: Selection
    lines: tuple[Line, ...]

    @property
    def sources(self) -> list[Row]:
        """The layers that it reads."""
        inside = set(self.selection.places)
        found = (source for row in self.selection.rows for source in row.inputs if source not in inside)
        return [self.selection.report.rows[place] for place in dict.fromkeys(found)]


def is_block(selection: Selection) -> bool:
    """Whether it was one name that was asked for, and not that of a layer."""
    return len(selection.names) == 1 and selection.names[0] not in {row.name for row in selection.rows}


def parts(block: Selection) -> list[Part]:
    """What stands directly in a block, in its order."""
    (name,) = block.names
    rows = block.report.rows
    between = separator(rows[block.places[0]].name)
    found: dict[str, list[int]] = {}
    for place in block.places:
        found.setdefault(rows[place].name[len(name) + 1 :].partition(between)[0], []).append(place)
    return [
        Part(own, block._replace(places=places, last=rows[places[-1]], names=(f"{name}{between}{own}",)))
        for own, places in found.items()
    ]


def derive_block(block: Selection) -> BlockDerivation:
    """How the output, the sums and the receptive field of a block come about.

    >>> from vggcalc import load
    >>> from vggcalc.figures import select, whole
    >>> block = select(whole(load("resnet50").analyse()), ["layer1"])
    >>> next(line.formula.numbers for line in derive_block(block).lines if line.figure == "params")
    '75008 + 70400 + 70400'
    """
    (name,) = block.names
    return BlockDerivation(name, block, (*_output(block), *_sums(block), *_counts(block), *_fields(block)))


def _output(block: Selection) -> Iterator[Line]:
    """The extents and channels, as the last layer that is no element-wise one derives them."""
    row = block.last
    if row is None:
        return
    while row.is_elementwise and len(row.inputs) == 1 and row.inputs[0] in block.places:
        row = block.report.rows[row.inputs[0]]
    yield from (line for line in derive(block.report, row).lines if line.figure in ("size", "channels"))


def _sums(block: Selection) -> Iterator[Line]:
    inside = parts(block)
    for key in SUMS:
        found = _sum(FIGURES[key], block, inside)
        if found.value or key in ("params", "macs", "activations"):
            yield Line(key, found._replace(note="not trained, no params" if key == "buffers" else ""))
        if key == "macs" and found.value:
            yield Line("flops", formula("2 * {MACs}", {"MACs": int(found.value)}, 2 * int(found.value)))
    values, taken = (value_of(FIGURES[key], block) for key in ("activations", "activations_bytes"))
    if isinstance(values, int) and isinstance(taken, int):
        numbers = {"activations": values, "bits": DTYPE_BITS[block.report.dtype]}
        yield Line("activations_bytes", formula("{activations} * {bits}/8", numbers, taken))


def _counts(block: Selection) -> Iterator[Line]:
    """What conventions that are named count."""
    inside = parts(block)
    for figure in FIGURES.values():
        if figure.counted not in block.conventions or figure.unit != "count":
            continue
        name = block.conventions[figure.counted]
        found = count_of(block, figure.counted, name)
        unknown = dict.fromkeys(block.report.rows[p].called for p in block.places if found.of(p) is None)
        note = f"vggcalc does not know how {name} counts {', '.join(unknown)}" if unknown else ""
        formula = Formula("", "", None, note) if unknown else _sum(figure, block, inside)
        yield Line(figure.key, formula, convention=name)


def _sum(figure: Figure, block: Selection, inside: list[Part]) -> Formula:
    """A figure of a block as the sum of those of its parts."""
    value = value_of(figure, block)
    if not isinstance(value, int):
        rows = (block.report.rows[place] for place in block.places)
        names_of = dict.fromkeys(row.called for row in rows if row.role == "unknown")
        return Formula("unknown", "", None, f"nobody knows that of {', '.join(names_of)}")
    (block_name,) = block.names
    names = [f"{block_name}.{part.name}" if part.name.isdigit() else part.name for part in inside]
    amounts = [(name, value_of(figure, part.selection)) for name, part in zip(names, inside, strict=True)]
    terms = [(name, amount) for name, amount in amounts if isinstance(amount, int) and amount]
    if sum(amount for _, amount in terms) != value:
        return Formula("the most of its layers", str(value), value)
    if not terms:
        return Formula("0", "0", 0)
    if len(terms) <= MOST_TERMS:
        return Formula(" + ".join(name for name, _ in terms), " + ".join(str(amount) for _, amount in terms), value)
    symbols, numbers = [], []
    for amount, run in groupby(terms, lambda term: term[1]):
        equal = [name for name, _ in run]
        symbols.append(equal[0] if len(equal) == 1 else f"({equal[0]} to {equal[-1]})")
        numbers.append(str(amount) if len(equal) == 1 else f"{len(equal)}*{amount}")
    return Formula(" + ".join(symbols), " + ".join(numbers), value)


def _fields(block: Selection) -> Iterator[Line]:
    """What a unit of the last layer sees of each input."""
    if block.last is None:
        return
    if not block.last.is_traced:
        yield Line("rf", Formula("unknown", "", None, "nobody knows what a layer of it, or above it, sees"))
    for name, fields in block.last.fields.items():
        axes = AXES[len(fields)]
        yield from alike(
            [Line("rf", span_formula(field), (axis,), name) for axis, field in zip(axes, fields, strict=True)]
        )
