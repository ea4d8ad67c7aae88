"""What PyTorch's autograd keeps of each layer from forward to backward, each piece of memory once.

Who needs a gradient, whose memory is whose, and what of a layer is new follows the graph; `keeps` says what each keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from vggcalc.analysis.report import Report
from vggcalc.memory.contiguity import Contiguity, contiguity, overwrites
from vggcalc.memory.keeps import Keeps, Of, Pass, copied, keeps
from vggcalc.memory.storage import owners
from vggcalc.record import Record
from vggcalc.units import n_bytes

_LEAST_BYTES = {"indices": 8, "statistics": 4}
"""The least bytes of values in a format of their own: int64, and float32, or that of the network if it has more."""


class Held(Record):
    """Values that wait for the way back, and what they are: tensors, indices, masks, statistics or moments."""

    quantity: str
    amount: int


class Kept(Record):
    """What a layer keeps: layers, for the outputs that lie in their memory; those of them that none above it keeps.

    wanted: its output needs a gradient when it is written.
    """

    owners: tuple[int, ...]
    new: tuple[int, ...]
    held: tuple[Held, ...] | None
    wanted: bool


def keeping(report: Report) -> list[Kept]:
    """What each layer keeps; its held is None where that is unknown."""
    lies = contiguity(report, training=True)
    memory = owners(report, training=True, lies=lies)
    before: set[int] = set()
    found: list[Kept] = []
    for index, at in enumerate(passes(report, memory, lies)):
        if not at.row.works or not at.wanted:
            found.append(Kept((), (), (), at.wanted))
            continue
        its = None if at.row.is_unknown else keeps(at.row.layer)
        if its is None:
            found.append(Kept((), (), None, at.wanted))
            continue
        places, copies = _tensors(at, its, index)
        own = tuple(dict.fromkeys([memory[place] for place in places]))
        new = own if before.isdisjoint(own) else tuple([owner for owner in own if owner not in before])
        before.update(new)
        amounts = [("tensors", copies + sum(report.batch * report.rows[owner].output.elements for owner in new))]
        amounts += [(name, values(at)) for name, values in its.beside.items()]
        found.append(Kept(own, new, tuple(Held(name, amount) for name, amount in amounts if amount), at.wanted))
    return found


def passes(report: Report, memory: Sequence[int], lies: Sequence[Contiguity]) -> Iterator[Pass]:
    """The layers on the way forth, in their order, with what autograd knows of each by then.

    A tensor needs a gradient where a layer above it has parameters. What is written over one that needed none can give
    it one, and from there on all who look at its memory need it too. memory, lies: whose memory each layer's output
    lies in, and how.
    """
    needed = [False] * len(report.rows)
    for index, row in enumerate(report.rows):
        wants = tuple(needed[memory[source]] for source in row.inputs)
        seen = len(row.answers.windows) if row.inputs else 0
        wanted = row.role == "unknown" or bool(row.trained) or any(wants[:seen])
        needed[memory[index]] |= wanted
        above = tuple(lies[source] for source in row.inputs)
        yield Pass(report.batch, row, wants, needed[memory[index]], above, overwrites(row, training=True))


def saved_bytes(held: Iterable[tuple[str, int]], dtype: str) -> int:
    """The bytes of what is kept: indices and statistics have formats of their own, whatever that of the network."""
    own: dict[str, int] = {}
    for quantity, amount in held:
        own[quantity] = own.get(quantity, 0) + amount
    return sum(max(values * _LEAST_BYTES.get(name, 0), n_bytes(values, dtype)) for name, values in own.items())


def _tensors(at: Pass, its: Keeps, index: int) -> tuple[tuple[int, ...], int]:
    """The layers whose outputs this one keeps, itself among them, and the values of a copy that it keeps instead."""
    sources = at.row.inputs
    which = its.in_place if its.in_place is not None and at.overwrites else its.tensors
    if which is Of.OUTPUT:
        return (index,), 0
    if which is Of.BASE:
        factor, offset, exponent = (at.row.layer.fields[name] for name in ("factor", "offset", "exponent"))
        if exponent == 1:
            return (), 0
        return (sources[:1], 0) if (factor, offset) == (1, 0) else ((), at.read)
    if which is Of.FACTORS:
        others = (at.needed[1:2], at.needed[:1], *(at.needed[:place] for place in range(2, len(sources))))
        return tuple(source for source, other in zip(sources, others, strict=True) if any(other)), 0
    if (
        which is Of.INPUT
        or (which is Of.MAP and set(at.row.output.spatial) != {1})
        or (which is Of.WANTED and at.needed[0])
    ):
        copies = copied(at)
        return ((), copies) if copies else (sources[:1], 0)
    return (), 0
