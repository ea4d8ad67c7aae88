"""Single layers behind a wrong figure: another one than it says, one that is missing, one that is counted twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from vggcalc.analysis.report import Row
from vggcalc.figures import FIGURES
from vggcalc.hints.candidates import Candidate, Candidates
from vggcalc.hints.discrepancy import Contribution, Discrepancy
from vggcalc.layers import Role

NEAR = 3
"""So many layers from the end may be meant where the last is asked about."""

MOST_NAMES = 3
"""So many names in a sentence; more help nobody."""

_LAYERS: Mapping[Role, str] = {"conv": "convolution", "linear": "fully connected layer"}
_NOUNS = {"macs": "MACs", "flops": "FLOPs", "params": "parameters"}


def listed(names: Sequence[str], last: str = ", ") -> str:
    """Some names in a row, with a word before the last; of many, the first.

    >>> listed(["conv1", "fc6"], " or "), listed(["a", "b", "c", "d"], " or ")
    ('conv1 or fc6', 'a, b, c, ...')
    """
    if len(names) > MOST_NAMES:
        return ", ".join((*names[:MOST_NAMES], "..."))
    return last.join(filter(None, (", ".join(names[:-1]), names[-1])))


def other_layers(are_near: bool) -> Candidates:
    """The same figure of the layers above and below, or of the rest; for a block, of other blocks.

    Of a network, of which the last map counts, that of the maps before it.
    """

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        if wrong.selection is None or wrong.asked.share:
            return
        report = wrong.selection.report
        rows = [row.name for row in report.rows if not row.is_elementwise]
        if FIGURES[wrong.asked.figure].in_fields and not wrong.asked.layers:
            maps = [
                row.name for row in report.rows if max(row.output.spatial, default=1) > 1 and not row.is_elementwise
            ]
            for name in maps[: -NEAR - 2 : -1] if are_near else maps[: -NEAR - 1]:
                yield Candidate(f"{name}'s", wrong.value(layer=(name,), part=""))
            return
        if len(wrong.asked.layers) != 1:
            return
        (own,) = wrong.asked.layers
        depth = own.count(".")
        names = rows if own in rows else [name for name in report.network.blocks if name.count(".") == depth]
        if own not in names:
            return
        place = names.index(own)
        near = names[max(place - 1, 0) : place] + names[place + 1 : place + 2]
        for name in near if are_near else [name for name in names if name not in (own, *near)]:
            yield Candidate(f"{name}'s", wrong.value(layer=(name,), part=""))

    return candidates


def with_norm(wrong: Discrepancy) -> Iterator[Candidate]:
    """A convolution and the normalisation behind it, where the table is of the convolution."""
    if wrong.selection is None or wrong.asked.share or len(wrong.selection.rows) != 1:
        return
    report, (row,) = wrong.selection.report, wrong.selection.rows
    place = report.rows.index(row)
    for norm in report.rows:
        if row.role == "conv" and norm.role == "norm" and norm.inputs[:1] == (place,):
            own, more = wrong.number(), wrong.number(layer=(norm.name,), part="")
            if own is not None and more:
                yield Candidate(f"{norm.name}'s {wrong.text(more)}", own + more)


def one_layer(said: str) -> Candidates:
    """One layer that is left out or counted twice, in the light of the other wrong figures of the same model."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        def explaining(of: Discrepancy) -> dict[str, Contribution]:
            return of.left_out if said == "missing" else of.doubled

        names = set(explaining(wrong))
        for other in wrong.others if names else ():
            names = names & set(explaining(other)) or names
        parts = [part for name, part in explaining(wrong).items() if name in names]
        for amount, group in groupby(sorted(parts, key=lambda part: part.amount), lambda part: part.amount):
            value = wrong.sized(wrong.total - amount if said == "missing" else wrong.total + amount)
            yield Candidate(_which(wrong, list(group), said), value)

    return candidates


def _which(wrong: Discrepancy, parts: list[Contribution], said: str) -> str:
    """One of some layers of one amount, by its shape; where shapes differ, the one that most of them have comes first.

    Of layers that repeat, one is lost or counted twice more easily than one that stands alone.
    """
    shapes = [_shaped(part.row) for part in parts]
    likeliest = max(dict.fromkeys(shapes), key=shapes.count)
    told = f"one {likeliest} is {said}"
    if len(parts) == 1:
        return f"{told}: {parts[0].row.name}"
    rows = [part.row for part, shape in zip(parts, shapes, strict=True) if shape != likeliest]
    if not rows:
        return told
    names = listed([row.name for row in rows])
    amount = wrong.sized(parts[0].amount)
    unit = "" if wrong.in_bytes else f" {_NOUNS.get(wrong.asked.figure, wrong.asked.figure)}"
    of = f" of {wrong.text(amount)}{unit.replace('_', ' ')}" if amount is not None else ""
    return f"{told}, or another layer{of}: {names}"


def _shaped(row: Row) -> str:
    """A layer by its output and its kernel: 56x56 3x3x256x256 convolution."""
    if row.role == "conv":
        sizes = "x".join(map(str, row.output.spatial))
        kernel = "x".join(map(str, row.layer.weights(*row.input_shapes)[0].shape))
        return f"{sizes} {kernel} {_noun(row)}"
    if row.role == "linear":
        return f"{row.input_shapes[0].elements}x{row.output.channels} {_noun(row)}"
    return f"{row.output} {row.kind}"


def _noun(row: Row) -> str:
    return _LAYERS.get(row.role, row.kind)
