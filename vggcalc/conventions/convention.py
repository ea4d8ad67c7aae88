"""A convention is a table: for each kind of layer a sum of named quantities, `macs + bias` or `2 out`.

A rule is looked up for the kind, then for its role, then for every kind that is left. What a table does not name, or
names as `unknown`, is what its tool is silent on: the count is unknown there, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import overload
from weakref import WeakKeyDictionary

from vggcalc import bounds
from vggcalc.analysis.report import Report, Rows
from vggcalc.conventions.quantities import QUANTITIES, Place, Places
from vggcalc.conventions.rules import Rule, written
from vggcalc.network import UNTOLD
from vggcalc.record import Record
from vggcalc.units import n_bytes

MB, MIB = 10**6, 2**20
"""What tools print as MB, in bytes."""


class Note(Record):
    """What surprises in a convention, and at which kinds of layers; without kinds at all."""

    text: str
    kinds: frozenset[str] = frozenset()


def note(text: str, kinds: str = "") -> Note:
    """A note on some kinds of layers."""
    return Note(text, frozenset(kinds.split()))


class Convention(Record):
    """How one tool or paper counts: a rule for every kind of layer that it speaks of.

    what: in one line, what is counted. source: the tool's version and file, or the paper. is_sum: the total is the sum
    of the layers. aliases: other names under which it is known.

    by_module: whether it looks at PyTorch's modules, so that it is unknown where nobody tells what is one.

    own: how it counts where that is no table; `told` then says, by kind of layer, what in words.

    Of memory, megabyte: the bytes of an MB where the tool prints MB; bytes_each: the bytes of a value, None for those
    of the report's number format, 0 for a count that is no memory; own_bytes: the bytes of quantities and how many
    values each has, in a number format, where some have a format of their own.
    """

    name: str
    what: str
    source: str
    rules: Mapping[str, Rule] = {}
    notes: tuple[Note, ...] = ()
    aliases: tuple[str, ...] = ()
    is_sum: bool = True
    by_module: bool = False
    megabyte: int = 0
    bytes_each: int | None = None
    own_bytes: Callable[[Iterable[tuple[str, int]], str], int] | None = None
    own: Callable[[Report], Count] | None = None
    told: Mapping[str, str] = {}

    def rule(self, place: Place) -> Rule:
        """The rule for a layer; None where the convention is silent."""
        if not place.row.works:
            return ()
        if place.row.role == "unknown" or (self.is_blind_to(place.report) and place.row.inputs):
            return None
        return next((self.rules[key] for key in place.names() if key in self.rules), None)

    def is_blind_to(self, report: Report) -> bool:
        """Whether it looks at modules that are not told: at all, or at those besides layers, where it counts these."""
        passing = report.network.passing
        counts_all = any(name == "modules" for rule in self.rules.values() for _, name in rule or ())
        return self.by_module and (passing is None or (counts_all and UNTOLD in passing.values()))

    def bytes_of(self, terms: Iterable[Term], dtype: str) -> int | None:
        """What terms take as memory; None for a count that is no memory."""
        if self.own_bytes is not None:
            return self.own_bytes([(term.quantity, term.value) for term in terms], dtype)
        values = sum(term.value for term in terms)
        if self.bytes_each is None:
            return n_bytes(values, dtype)
        return self.bytes_each * values if self.bytes_each else None

    def texts(self) -> dict[str, str]:
        """The rules as text, by kind of layer."""
        return {kind: written(rule) for kind, rule in self.rules.items()} | dict(self.told)


class Term(Record):
    """One term of a layer's count: how often, which quantity, and how much that is."""

    times: int
    quantity: str
    amount: int

    @property
    def value(self) -> int:
        """What the term adds."""
        return self.times * self.amount


class Terms(Sequence["tuple[Term, ...] | None"]):
    """The terms of each layer by the rules of a convention, worked out when they are read; None where it is silent."""

    def __init__(self, convention: Convention, places: Places) -> None:
        self._convention, self._places = convention, places
        self._known: dict[Hashable, tuple[Term, ...] | None] = {}

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> tuple[Term, ...] | None: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[tuple[Term, ...] | None, ...]: ...
    def __getitem__(self, index: int | slice) -> tuple[Term, ...] | tuple[tuple[Term, ...] | None, ...] | None:
        if isinstance(index, slice):
            return tuple(self[each] for each in range(len(self))[index])
        key = self._places.alike(index)
        if key not in self._known:
            if len(self._known) >= bounds.SHARED_ANSWERS:
                self._known.clear()
            self._known[key] = self._terms(self._places[index])
        return self._known[key]

    def _terms(self, place: Place) -> tuple[Term, ...] | None:
        rule = self._convention.rule(place)
        if rule is None:
            return None
        return tuple(Term(times, name, QUANTITIES[name][1](place)) for times, name in rule)

    @property
    def groups(self) -> Sequence[tuple[int, int]]:
        """Layers that have the same terms: the first of each group, and how many there are."""
        return self._places.groups


class Count(Record):
    """A network by a convention: the terms of each layer, the total, and the kinds of which nothing is known."""

    convention: Convention
    rows: Sequence[tuple[Term, ...] | None]
    unknown: tuple[str, ...]
    total: int | None
    total_bytes: int | None = None
    """What the total takes as memory; None for operations, for a count that is no memory, and where it is unknown."""
    at: str = ""
    """The layer at which a peak stands."""
    reasons: tuple[str, ...] = ()
    """Why each layer counts what it does, where no rule says it."""

    @property
    def groups(self) -> Sequence[tuple[int, int]]:
        """Layers that have the same terms: the first of each group, and how many there are."""
        return self.rows.groups if isinstance(self.rows, Terms) else [(index, 1) for index in range(len(self.rows))]

    def of(self, index: int) -> int | None:
        """What a layer counts; None where that is unknown."""
        terms = self.rows[index]
        return None if terms is None else sum(term.value for term in terms)

    def terms(self, groups: Iterable[tuple[int, int]]) -> Sequence[Term] | None:
        """The terms that make the count of layers, each so often: of a peak those of the most, else all.

        None for no layers, and where one of them is unknown.
        """
        found = [(times, self.rows[index]) for index, times in groups]
        known = [(times, terms) for times, terms in found if terms is not None]
        if len(known) < len(found) or not known:
            return None
        if self.convention.is_sum:
            return [term._replace(times=times * term.times) for times, terms in known for term in terms]
        return max((terms for _, terms in known), key=lambda terms: sum(term.value for term in terms))

    def adds(self, index: int) -> bool:
        """Whether a layer makes a difference to the total, or could."""
        return self.of(index) is None or (self.convention.is_sum and self.of(index) != 0)


class Counts(Record):
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


def count(convention: Convention, report: Report) -> Count:
    """Count a network by a convention, layer by layer and term by term.

    >>> from vggcalc import load
    >>> from vggcalc.conventions import OPERATIONS
    >>> count(OPERATIONS["torchinfo"], load("vgg16").analyse()).total
    15483821032
    """
    if convention.own is not None:
        return _but_unknown(convention.own(report), report)
    rows = Terms(convention, places_of(report))
    unknown = dict.fromkeys(report.rows[index].called for index, _ in rows.groups if rows[index] is None)
    if convention.is_blind_to(report):
        unknown = dict.fromkeys(["what is a module of PyTorch"])
    found = ((times, term) for index, times in rows.groups for term in rows[index] or ())
    total = None if unknown else sum(times * term.value for times, term in found)
    return Count(convention, rows, tuple(unknown), total)


def _but_unknown(found: Count, report: Report) -> Count:
    """A count in which what nobody knows is unknown, and with it the total."""
    unknown = {row.index: row.called for row in report.rows if row.is_unknown}
    if not unknown:
        return found
    rows = tuple(None if place in unknown else terms for place, terms in enumerate(found.rows))
    kinds = tuple(dict.fromkeys((*found.unknown, *unknown.values())))
    return found._replace(rows=rows, unknown=kinds, total=None)


_PLACES: WeakKeyDictionary[Rows, Places] = WeakKeyDictionary()


def places_of(report: Report) -> Places:
    """The places of a report, found once for all who count it."""
    if report.rows not in _PLACES:
        _PLACES[report.rows] = Places(report)
    return _PLACES[report.rows]


def by_name(*conventions: Convention) -> dict[str, Convention]:
    """Conventions by their name."""
    return {convention.name: convention for convention in conventions}
