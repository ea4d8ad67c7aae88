"""What a wrong figure would be right of: the usual suspects, each one entry of a table.

A suspect counts where the printed figure is what it gives, to the last printed digit. What has many values to offer,
as the sizes of inputs have, must meet more digits than what has one: some of them always fits two digits.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from vggcalc.analysis.analyse import analyse
from vggcalc.analysis.report import Report, Row
from vggcalc.conventions import MEMORY, OPERATIONS, Count, connections, count_memory, count_operations
from vggcalc.errors import VggcalcError
from vggcalc.network import Network, Node
from vggcalc.published.arithmetic import text_of
from vggcalc.published.check import Finding
from vggcalc.published.figures import FIGURES, Selection, value_of
from vggcalc.published.printed import Actual, Printed, read_printed
from vggcalc.published.question import Question
from vggcalc.shape import fit_shape
from vggcalc.spec import catalogue
from vggcalc.units import byte_text, count, n_bytes

MOST = 3
"""So many sentences a figure, and so many names in a sentence; more would hide the one that is right."""

CERTAIN = 5
"""So many digits that all agree are no chance: nothing else is looked for."""

SIZES = (192, 224, 227, 231, 240, 256, 260, 288, 299, 300, 320, 321, 331, 384, 416, 448, 512, 600, 608)
SMALL_SIZES = (28, 32)
"""The usual inputs; the small ones are those of networks for small images, of at most SMALL pixels a side."""
SMALL = 64

BATCHES = (1, 2, 4, 8, 10, 16, 32, 64, 100, 128, 256)
CLASSES = (1000, 10, 100, 1001)
FORMATS = ("float32", "float16", "float64", "int8")

_STORED = "params weights"
_WORK = "macs flops operations"
_HELD = "activations forward memory memory_values live saved neurons"
_SEEN = ("rf", "jump", "padding")
_CONVS = ("conv", "dwconv", "convmap", "convtranspose")
_NORMS = ("batchnorm", "layernorm", "groupnorm")
_NOUNS = {"macs": "MACs", "flops": "FLOPs", "params": "parameters", "neurons": "neurons", "connections": "connections"}
_RIGHT = ("exact", "agrees", "truncated")
_FILE = re.compile(r"\.ya?ml(:|$)")
_BINARY = re.compile(r"(?<![A-Za-z])([kKMGTP])i")
_NUMBER = re.compile(r"[0-9][0-9,.]*")


def hints(findings: Sequence[Finding], folder: str) -> dict[int, list[str]]:
    """For the place of each wrong finding that a usual suspect explains, the suspects, the most plausible first.

    findings: all those of one table, for wrong figures of one model are evidence for each other. folder: where the
    table's own models lie. Of a budget that does not hold, it is told what takes most.
    """
    bench = _Bench(folder)
    cases = {place: _Case(bench, found) for place, found in enumerate(findings) if _is_wrong_in_print(found)}
    for case in cases.values():
        case.others = [other for other in cases.values() if other is not case and other.subject == case.subject]
    told = {place: _told(case) for place, case in cases.items() if findings[place].verdict == "wrong"}
    return {place: said for place, said in told.items() if said}


def _is_wrong_in_print(finding: Finding) -> bool:
    """Whether the print itself disagrees; an erratum that is explained is evidence for the figures beside it."""
    return (
        finding.verdict in ("wrong", "erratum")
        and finding.actual is not None
        and not finding.claim.arithmetic
        and finding.claim.printed.verdict(finding.actual) not in _RIGHT
    )


class Candidate(NamedTuple):
    """A value that may be the printed one; `printed` is what may be meant by the print, if it is not as it stands."""

    what: str
    value: Actual | None
    printed: Printed | None = None


class Suspect(NamedTuple):
    """What may be behind a wrong figure. `sentence` says it, with {} for what its candidates are called.

    digits: how many a print must have, before a candidate that agrees with it is more than chance.
    """

    sentence: str
    digits: int
    candidates: Callable[[_Case], Iterable[Candidate]]


class _Part(NamedTuple):
    """What a layer adds to a figure, before it is told in bytes."""

    row: Row
    node: Node
    amount: int


class _Bench:
    """Answers altered questions; what cannot be answered is None."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.networks: dict[object, Network | None] = {}
        self.reports: dict[object, tuple[Report, dict[str, Count]] | None] = {}

    def path(self, asked: Question) -> str:
        """The model as the catalogue finds it."""
        return os.path.join(self.folder, asked.model) if _FILE.search(asked.model) else asked.model

    def network(self, asked: Question, variant: str = "") -> Network | None:
        """The network that is asked about, or another variant of its family."""
        key = (asked.model, variant, *sorted(asked.variables.items()))
        if key not in self.networks:
            try:
                family, own, name = catalogue.locate(self.path(asked))
                chosen = family.variants[variant] if variant else own
                self.networks[key] = family.build(chosen, variant or name, asked.variables)
            except VggcalcError:
                self.networks[key] = None
        return self.networks[key]

    def variants(self, asked: Question) -> list[tuple[str, str, bool]]:
        """The other variants of a model's family: name, the name to show, and whether it is the same under its stem."""
        try:
            family, own, _ = catalogue.locate(self.path(asked))
        except VggcalcError:
            return []
        stems = set(map(_stem, (own.name, *own.aliases)))
        found = []
        for name, variant in family.variants.items():
            told = name if len(name) > 1 else next(iter(variant.aliases), f"{family.title} {name}")
            if variant is not own:
                found.append((name, told, not stems.isdisjoint(map(_stem, (name, *variant.aliases)))))
        return found

    def selection(self, asked: Question, variant: str = "") -> Selection | None:
        """The layers of a question, as the check selects them."""
        followed = asked.figure in _SEEN
        key = (asked.model, variant, followed, *sorted(asked.variables.items()), *asked.options.values())
        if key not in self.reports:
            report = self._report(asked, variant, followed)
            self.reports[key] = (report, {}) if report else None
        analysed = self.reports[key]
        if analysed is None:
            return None
        report, counts = analysed
        network = report.network
        if not asked.layers:
            last = report.rows[network.outputs[0]] if len(network.outputs) == 1 else None
            return Selection(report, report.rows, last, True, asked.convention, counts)
        rows: dict[str, Row] = {}
        last = None
        for name in asked.layers:
            found = [row for row in report.rows if row.name == name]
            found = found or [row for row in report.rows if row.name.startswith(f"{name}.")]
            if not found:
                return None
            rows |= {row.name: row for row in found}
            last = report.rows[network.blocks[name]] if name in network.blocks else found[-1]
        return Selection(report, list(rows.values()), last, False, asked.convention, counts)

    def value(self, asked: Question, in_bytes: bool, variant: str = "") -> Actual | None:
        """The answer to a question."""
        try:
            selection = self.selection(asked, variant)
            found = value_of(asked.figure, selection, in_bytes) if selection else None
            if not asked.share or not isinstance(found, int):
                return found
            whole = self.value(asked._replace(share=False, layer=(), part=""), in_bytes, variant)
        except VggcalcError:
            return None
        return Fraction(found, whole) if isinstance(whole, int) and whole else None

    def _report(self, asked: Question, variant: str, followed: bool) -> Report | None:
        network = self.network(asked, variant)
        if network is None or (asked.until is not None and not asked.top):
            return None
        try:
            network = network.until(asked.until) if asked.until is not None else network
            network = network if asked.top else network.without_top()
            if asked.input is not None:
                declared = zip(network.input_names, network.input_shapes, strict=True)
                network = network.with_inputs({name: fit_shape(asked.input, shape) for name, shape in declared})
            return analyse(network, batch=asked.batch, dtype=asked.dtype, training=asked.training, fields=followed)
        except VggcalcError:
            return None


class _Case:
    """A wrong figure with all that suspects look at. Of `params_bytes` the figure is params, told in bytes."""

    def __init__(self, bench: _Bench, finding: Finding) -> None:
        question = finding.claim.question
        self.bench = bench
        self.printed = finding.claim.printed
        self.actual = finding.actual
        self.in_bytes = bool(self.printed.bytes) or FIGURES[question.figure].kind == "bytes"
        self.asked = question._replace(figure=question.figure.removesuffix("_bytes"))
        self.others: list[_Case] = []
        self.subject = (
            question.model,
            question.variables,
            question.input,
            question.until,
            question.top,
            question.layer,
        )

    def value(self, variant: str = "", **changes: Any) -> Actual | None:
        """The figure, had the question been another one."""
        return self.bench.value(self.asked._replace(**changes), self.in_bytes, variant)

    def number(self, **changes: Any) -> int | None:
        """The same, where it is a whole number."""
        found = self.value(**changes)
        return found if isinstance(found, int) else None

    @property
    def digits(self) -> int:
        """How many digits of the print count."""
        if self.printed.sides:
            return sum(len(str(side)) for side in self.printed.sides)
        return len(str(int(self.printed.value / self.printed.digit))) if self.printed.value else 0

    @cached_property
    def selection(self) -> Selection | None:
        """The layers that the claim is about."""
        return self.bench.selection(self.asked)

    @cached_property
    def parts(self) -> list[_Part]:
        """What each layer adds; nothing where the figure is no sum of what its layers add."""
        parts = self.amounts()
        return parts if parts and self.sized(sum(part.amount for part in parts)) == self.actual else []

    def amounts(self) -> list[_Part]:
        """What each layer has of the figure."""
        if self.selection is None or self.asked.share:
            return []
        report = self.selection.report
        places = {row.name: place for place, row in enumerate(report.rows)}
        amount = self._amount(report)
        if amount is None:
            return []
        found = ((row, report.network.nodes[place := places[row.name]], amount(place)) for row in self.selection.rows)
        return [_Part(row, node, value) for row, node, value in found if value is not None]

    def _amount(self, report: Report) -> Callable[[int], int | None] | None:
        """How much of the figure the layer in a place has."""
        figure, rows = self.asked.figure, report.rows
        if figure in ("params", "weights", "biases", "buffers", "macs", "activations"):
            return lambda place: int(getattr(rows[place], figure))
        if figure == "flops":
            return lambda place: 2 * rows[place].macs
        if figure == "neurons":
            return lambda place: rows[place].activations if rows[place].macs else 0
        if figure == "connections":
            return lambda place: connections(rows[place], report.batch)
        counted = self._counted(report)
        return counted.of if counted else None

    def _counted(self, report: Report) -> Count | None:
        """The count by a convention that the figure is; of the peak, what is alive at each layer."""
        figure, name = self.asked.figure, self.asked.convention
        try:
            if figure == "operations":
                return count_operations(report, name or "macs")
            if figure in ("forward", "live", "memory", "memory_values"):
                return count_memory(report, name or (figure if figure in ("forward", "live") else "activations"))
        except VggcalcError:
            pass
        return None

    def sized(self, values: int) -> int | None:
        """So many values as the figure tells them."""
        each = MEMORY[self.asked.convention].bytes_each if self.asked.convention in MEMORY else None
        if not self.in_bytes or self.asked.figure in _WORK.split():
            return values
        return n_bytes(values, self.asked.dtype) if each is None else each * values

    def text(self, value: Actual) -> str:
        """A value as it is told."""
        if self.in_bytes and isinstance(value, int):
            return f"{count(value)} bytes" + (f" = {byte_text(value)}" if value >= 1024 else "")
        return text_of(value)

    def read(self, text: str, unit: str | None = None, kilo: int | None = None) -> Printed | None:
        """Another print, or another reading of it; None where it cannot be read."""
        asked = self.asked
        try:
            unit = asked.unit if unit is None else unit
            return read_printed(text, unit, kilo or asked.kilo, asked.digits)
        except VggcalcError:
            return None

    @cached_property
    def other_kilo(self) -> Printed | None:
        """The print with the other meaning of K, M and G: 1024 for 1000, or 1000 for 1024."""
        text, unit = (_BINARY.sub(r"\1", part) for part in (self.printed.text, self.asked.unit))
        is_binary = (text, unit) != (self.printed.text, self.asked.unit)
        read = self.read(text, unit, 1000 if is_binary or self.asked.kilo == 1024 else 1024)
        return read if read and read.value != self.printed.value else None

    @cached_property
    def left_out(self) -> dict[str, _Part]:
        """The layers without one of which the figure would be as printed; with its normalisation, if it has one."""
        return self._explaining(-1)

    @cached_property
    def doubled(self) -> dict[str, _Part]:
        """The layers with one of which, counted twice, the figure would be as printed."""
        return self._explaining(1)

    def _explaining(self, times: int) -> dict[str, _Part]:
        parts = [part for part in self.parts if part.amount and part.row.inputs]
        total = sum(part.amount for part in self.parts)
        norms = {part.node.inputs[0]: part.amount for part in parts if part.row.kind in _NORMS}
        places = {row.name: place for place, row in enumerate(self.selection.report.rows)} if self.selection else {}
        found: dict[str, _Part] = {}
        for part in parts if len(parts) > 1 else []:
            norm = norms.get(places[part.row.name], 0) if part.row.kind in _CONVS else 0
            for amount in dict.fromkeys((part.amount, part.amount + norm)):
                value = self.sized(total + times * amount)
                if value is not None and self.printed.verdict(value) in _RIGHT:
                    found.setdefault(part.row.name, part._replace(amount=amount))
        return found


def _told(case: _Case) -> list[str]:
    """The suspects that explain a figure. The more are found, the more digits another one must meet."""
    if case.printed.relation != "=":
        return _what_takes_most(case)
    told: list[str] = []
    seen: set[Actual] = set()
    for suspect in SUSPECTS:
        if case.digits < suspect.digits + len(told) or (suspect is LAST_RESORT and told):
            continue
        fitting = []
        for candidate in suspect.candidates(case):
            value, printed = candidate.value, candidate.printed or case.printed
            if value is None or (value in seen and candidate.printed is None) or not _fits(printed, value):
                continue
            fitting.append(candidate)
        if not fitting:
            continue
        told.append(_sentence(case, suspect, fitting))
        seen |= {candidate.value for candidate in fitting if candidate.value is not None}
        if len(told) == MOST or (case.digits >= CERTAIN and _is_exact(case, fitting[0])):
            break
    return told


def _fits(printed: Printed, value: Actual) -> bool:
    return printed.verdict(value) in _RIGHT


def _is_exact(case: _Case, candidate: Candidate) -> bool:
    return candidate.value is not None and (candidate.printed or case.printed).verdict(candidate.value) == "exact"


def _sentence(case: _Case, suspect: Suspect, fitting: list[Candidate]) -> str:
    """What a suspect says, with the value; with each its own where its candidates differ."""
    values = {candidate.value: case.text(candidate.value) for candidate in fitting if candidate.value is not None}
    one = len(values) == 1
    names = [c.what if one or c.value is None else f"{c.what} ({values[c.value]})" for c in fitting[:MOST]]
    more = ", ..." if len(fitting) > MOST else ""
    said = suspect.sentence.format(", ".join(names) + more if more else _either(names))
    return f"{said} ({next(iter(values.values()))})" if one else said


def _either(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def _what_takes_most(case: _Case) -> list[str]:
    """Of a budget that is exceeded, the layers that exceed it."""
    if not case.printed.relation.startswith("<"):
        return []
    largest = sorted((part for part in case.amounts() if part.amount), key=lambda part: -part.amount)[:MOST]
    sized = ((part.row.name, case.sized(part.amount)) for part in largest)
    names = [f"{name} ({case.text(value)})" for name, value in sized if value is not None]
    return [f"most is at {', '.join(names)}"] if len(names) > 1 else []


# What the candidates of a suspect are


def _asked(of: str, **changes: Any) -> Callable[[_Case], Iterator[Candidate]]:
    """Another question, for the figures that are named, or for all."""

    def candidates(case: _Case) -> Iterator[Candidate]:
        if not of or case.asked.figure in of.split():
            yield Candidate("", case.value(**changes))

    return candidates


def _plus(of: str, *figures: str) -> Callable[[_Case], Iterator[Candidate]]:
    """The figure and others together."""

    def candidates(case: _Case) -> Iterator[Candidate]:
        if case.asked.figure in of.split() and not case.asked.share:
            values = [case.number(), *(case.number(figure=figure, convention="") for figure in figures)]
            yield Candidate("", None if None in values else sum(value or 0 for value in values))

    return candidates


def _weighed(times: Callable[[_Part], int]) -> Callable[[_Case], Iterator[Candidate]]:
    """The figure with some layers left out, or counted several times."""

    def candidates(case: _Case) -> Iterator[Candidate]:
        if case.parts:
            yield Candidate("", case.sized(sum(times(part) * part.amount for part in case.parts)))

    return candidates


def _of(figures: str, candidates: Callable[[_Case], Iterable[Candidate]]) -> Callable[[_Case], Iterable[Candidate]]:
    """What another suspect offers, for some figures alone."""
    return lambda case: candidates(case) if case.asked.figure in figures.split() else ()


def _in_other_kilo(
    candidates: Callable[[_Case], Iterable[Candidate]],
) -> Callable[[_Case], Iterator[Candidate]]:
    """What another suspect offers, printed in powers of 1024 for 1000, or of 1000 for 1024."""

    def both(case: _Case) -> Iterator[Candidate]:
        if case.other_kilo and not case.printed.sides:
            meant = "1024, not 1000" if case.other_kilo.value > case.printed.value else "1000, not 1024"
            yield from (Candidate(meant, found.value, case.other_kilo) for found in candidates(case))

    return both


def _as_it_is(in_bytes: bool) -> Callable[[_Case], Iterator[Candidate]]:
    """The right figure, of bytes or of other things."""

    def candidates(case: _Case) -> Iterator[Candidate]:
        if case.in_bytes == in_bytes:
            yield Candidate("", case.actual)

    return candidates


def _scaled(*factors: Fraction) -> Callable[[_Case], Iterator[Candidate]]:
    """The print times a factor."""

    def candidates(case: _Case) -> Iterator[Candidate]:
        printed = case.printed
        for factor in () if printed.sides else factors:
            meant = printed._replace(value=printed.value * factor, digit=printed.digit * factor)
            yield Candidate("", case.actual, meant)

    return candidates


def _halved(of: str, factor: Fraction, **changes: Any) -> Callable[[_Case], Iterator[Candidate]]:
    """The figure, or another, times a factor."""

    def candidates(case: _Case) -> Iterator[Candidate]:
        if case.asked.figure in of.split():
            value = case.number(**changes)
            found = None if value is None else factor * value
            yield Candidate("", int(found) if found is not None and found.denominator == 1 else None)

    return candidates


def _running_statistics(case: _Case) -> Iterator[Candidate]:
    """Params and buffers; PyTorch's count of batches, a scalar, may be left out."""
    if case.selection and case.asked.figure == "params" and not case.asked.share:
        tensors = [tensor for row in case.selection.rows for tensor in row.tensors]
        for known in (tensors, [tensor for tensor in tensors if tensor.shape]):
            yield Candidate("", case.sized(sum(tensor.elements for tensor in known)))


def _shared_again(case: _Case) -> Iterator[Candidate]:
    """What layers share, counted at each of them."""
    roles = {"params": ("weight", "bias"), "weights": ("weight",), "biases": ("bias",)}.get(case.asked.figure, ())
    parts = case.parts if roles else []
    shared = [part.row for part in parts if part.row.shares]
    again = sum(t.elements for row in shared for t in row.layer.weights(*row.input_shapes) if t.role in roles)
    if again:
        yield Candidate("", case.sized(again + sum(part.amount for part in parts)))


def _groups_ignored(case: _Case) -> Iterator[Candidate]:
    """Convolutions that see all channels."""
    if case.asked.figure in (*_STORED.split(), *_WORK.split()):
        total = 0
        for row, _, amount in case.parts:
            groups = row.layer.fields.get("groups", 1)
            total += amount + (groups - 1) * (row.weights if case.asked.figure == "params" else amount)
        yield Candidate("", case.sized(total))


def _operations(case: _Case) -> Iterator[Candidate]:
    if case.asked.figure in _WORK.split():
        yield from (Candidate(name, case.value(figure="operations", convention=name)) for name in OPERATIONS)


def _memory(case: _Case) -> Iterator[Candidate]:
    if case.asked.figure in _HELD.split():
        figure = "memory" if case.in_bytes else "memory_values"
        yield from (Candidate(name, case.value(figure=figure, convention=name)) for name in MEMORY)


def _formats(case: _Case) -> Iterator[Candidate]:
    if case.in_bytes:
        yield from (Candidate(name, case.value(dtype=name)) for name in FORMATS)


def _variants(are_siblings: bool) -> Callable[[_Case], Iterator[Candidate]]:
    """The other variants of the family: those that are the same network as someone else builds it, or the rest."""

    def candidates(case: _Case) -> Iterator[Candidate]:
        seen: set[Actual | None] = set()
        for name, told, is_sibling in case.bench.variants(case.asked):
            if is_sibling == are_siblings:
                value = case.value(variant=name)
                if "/" not in told or value not in seen:  # torchvision/vgg19 is another hand's vgg19
                    yield Candidate(told, value)
                seen.add(value)

    return candidates


def _declared_input(case: _Case) -> Iterator[Candidate]:
    network = case.bench.network(case.asked)
    if network and case.asked.input is not None:
        yield Candidate(str(network.input_shapes[0]), case.value(input=None))


def _inputs(case: _Case) -> Iterator[Candidate]:
    network = case.bench.network(case.asked)
    shape = network.input_shapes[0].spatial if network else ()
    if len(shape) == 2:
        for size in SMALL_SIZES if max(shape) <= SMALL else SIZES:
            yield Candidate(f"{size}x{size}", case.value(input=f"{size}x{size}"))


def _batches(case: _Case) -> Iterator[Candidate]:
    yield from (Candidate(str(batch), case.value(batch=batch)) for batch in BATCHES)


def _classes(case: _Case) -> Iterator[Candidate]:
    others = tuple((name, value) for name, value in case.asked.vars if name != "classes")
    yield from (Candidate(str(classes), case.value(classes=classes, vars=others)) for classes in CLASSES)


def _other_layers(are_near: bool) -> Callable[[_Case], Iterator[Candidate]]:
    """The same figure of the layers above and below, or of the rest; for a block, of other blocks."""

    def candidates(case: _Case) -> Iterator[Candidate]:
        if len(case.asked.layers) != 1 or case.selection is None or case.asked.share:
            return
        (own,) = case.asked.layers
        report = case.selection.report
        rows = [row.name for row in report.rows if not row.is_elementwise]
        depth = own.count(".")
        names = rows if own in rows else [name for name in report.network.blocks if name.count(".") == depth]
        if own not in names:
            return
        place = names.index(own)
        near = names[max(place - 1, 0) : place] + names[place + 1 : place + 2]
        for name in near if are_near else [name for name in names if name not in (own, *near)]:
            yield Candidate(f"{name}'s", case.value(layer=(name,), part=""))

    return candidates


def _one_layer(said: str) -> Callable[[_Case], Iterator[Candidate]]:
    """One layer that is left out or counted twice, in the light of the other wrong figures of the same model."""

    def candidates(case: _Case) -> Iterator[Candidate]:
        def explaining(of: _Case) -> dict[str, _Part]:
            return of.left_out if said == "missing" else of.doubled

        names = set(explaining(case))
        for other in case.others if names else ():
            names = names & set(explaining(other)) or names
        parts = [part for name, part in explaining(case).items() if name in names]
        total = sum(part.amount for part in case.parts)
        for amount, group in groupby(sorted(parts, key=lambda part: part.amount), lambda part: part.amount):
            value = case.sized(total - amount if said == "missing" else total + amount)
            yield Candidate(_which(case, list(group), said), value)

    return candidates


def _which(case: _Case, parts: list[_Part], said: str) -> str:
    """One of some layers of one amount: by their shape where they are alike, or else by the amount and their names."""
    rows = [part.row for part in parts]
    alike = set(map(_shaped, rows))
    names = ", ".join(row.name for row in rows[:MOST]) + (", ..." if len(rows) > MOST else "")
    if len(alike) == 1:
        return f"one {alike.pop()} is {said}" + (f": {names}" if len(rows) == 1 else "")
    nouns = {_noun(row) for row in rows}
    noun = nouns.pop() if len(nouns) == 1 else "layer"
    amount = case.sized(parts[0].amount)
    unit = "" if case.in_bytes else f" {_NOUNS.get(case.asked.figure, case.asked.figure)}"
    of = f" of {case.text(amount)}{unit.replace('_', ' ')}" if amount is not None else ""
    return f"one {noun}{of} is {said}: {names}"


def _shaped(row: Row) -> str:
    """A layer by its output and its kernel: 56x56 3x3x256x256 convolution."""
    if row.kind in _CONVS:
        sizes = "x".join(map(str, row.output.spatial))
        kernel = "x".join(map(str, row.layer.weights(*row.input_shapes)[0].shape))
        return f"{sizes} {kernel} {_noun(row)}"
    if row.kind == "fc":
        return f"{row.input_shapes[0].elements}x{row.output.channels} {_noun(row)}"
    return f"{row.output} {row.kind}"


def _noun(row: Row) -> str:
    return "convolution" if row.kind in _CONVS else "fully connected layer" if row.kind == "fc" else row.kind


def _stem(name: str) -> str:
    """What variants that are one network in several hands have in common: resnet50 of resnet50-v1."""
    return name.rpartition("/")[2].partition("-")[0].removesuffix("_bn")


def _numbers(text: str, is_shape: bool) -> list[list[int]]:
    """Where the digits stand that make up the number, or each number of a shape."""
    found = list(_NUMBER.finditer(text))
    runs = [[at for at in range(*run.span()) if text[at].isdigit()] for run in found]
    return runs if is_shape else runs[:1]


def _transposed(case: _Case) -> Iterator[Candidate]:
    text = case.printed.text
    for run in _numbers(text, bool(case.printed.sides)):
        for left, right in pairwise(run):
            swapped = f"{text[:left]}{text[right]}{text[left + 1 : right]}{text[left]}{text[right + 1 :]}"
            if meant := case.read(swapped):
                yield Candidate("", case.actual, meant)


def _one_digit(case: _Case) -> Iterator[Candidate]:
    text = case.printed.text
    for run in _numbers(text, bool(case.printed.sides)):
        for place in run:
            for digit in "0123456789":
                if meant := case.read(f"{text[:place]}{digit}{text[place + 1 :]}"):
                    yield Candidate("", case.actual, meant)


def _channels_first(case: _Case) -> Iterator[Candidate]:
    if sides := case.printed.sides:
        yield Candidate("", case.actual, case.printed._replace(sides=(*sides[1:], sides[0])))


_CONVS_ONLY = _weighed(lambda part: part.row.kind in _CONVS)

LAST_RESORT = Suspect("one digit is wrong", 4, _one_digit)

SUSPECTS = (
    Suspect("the biases are left out", 2, _asked("params", figure="weights")),
    Suspect("the biases are counted too", 2, _asked("weights", figure="params")),
    Suspect("MACs, not FLOPs", 1, _asked("flops", figure="macs")),
    Suspect("FLOPs, two for each MAC", 1, _asked("macs", figure="flops")),
    Suspect("half of it, a MAC counted once", 1, _halved("operations", Fraction(1, 2))),
    Suspect("twice as much, a MAC counted as two", 1, _halved("operations", Fraction(2))),
    Suspect("in powers of {}", 2, _in_other_kilo(_as_it_is(True))),
    Suspect("the unit is off by a factor of 1000", 1, _scaled(Fraction(1000), Fraction(1, 1000))),
    Suspect("of convolutions only", 2, _of(_WORK, _CONVS_ONLY)),
    Suspect("without the classifier", 2, _asked("", top=False)),
    Suspect("without the auxiliary heads", 2, _weighed(lambda part: not part.node.training)),
    Suspect("with the auxiliary heads, as in training", 2, _asked("", training=True)),
    Suspect("shared weights are counted again", 2, _shared_again),
    Suspect("of convolutions only", 2, _CONVS_ONLY),
    Suspect("of fully connected layers only", 2, _weighed(lambda part: part.row.kind == "fc")),
    Suspect("each output once, kept inputs not again", 2, _asked("forward", figure="activations")),
    Suspect("with the inputs that layers of weights keep", 2, _asked("activations", figure="forward")),
    Suspect("in {}", 2, _formats),
    Suspect("height, width and channels are out of order", 2, _channels_first),
    Suspect("two neighbouring digits are transposed", 3, _transposed),
    Suspect("that is {}", 2, _variants(are_siblings=True)),
    Suspect("that is {}", 2, _other_layers(are_near=True)),
    Suspect("with the declared {} input", 2, _declared_input),
    Suspect("the running statistics of normalisation are counted too", 4, _running_statistics),
    Suspect("normalisation is left out", 3, _weighed(lambda part: part.row.kind not in _NORMS)),
    Suspect("fully connected layers are counted twice", 3, _weighed(lambda part: 1 + (part.row.kind == "fc"))),
    Suspect("the biases are counted twice", 4, _plus("params", "biases")),
    Suspect("the input is left out", 3, _weighed(lambda part: bool(part.row.inputs))),
    Suspect("the parameters are counted too", 3, _plus(_HELD, "params")),
    Suspect("the groups are ignored", 3, _groups_ignored),
    Suspect("in powers of {}", 3, _in_other_kilo(_as_it_is(False))),
    # Two at once, the usual pairs
    Suspect("the biases are left out, in powers of {}", 3, _in_other_kilo(_asked("params", figure="weights"))),
    Suspect("of convolutions only, in powers of {}", 3, _in_other_kilo(_CONVS_ONLY)),
    Suspect("without the classifier, in powers of {}", 3, _in_other_kilo(_asked("", top=False))),
    Suspect(
        "with the inputs that layers of weights keep, in powers of {}",
        2,
        _in_other_kilo(_asked("activations", figure="forward")),
    ),
    Suspect(
        "MACs of convolutions only, not FLOPs",
        3,
        _asked("flops", figure="operations", convention="conv-macs"),
    ),
    Suspect(
        "FLOPs of convolutions only, two for each MAC",
        3,
        _halved("macs", Fraction(2), figure="operations", convention="conv-macs"),
    ),
    # What has many values to offer
    Suspect("as {} counts", 3, _operations),
    Suspect("memory as {} counts it", 3, _memory),
    Suspect("with {} classes", 3, _classes),
    Suspect("that is {}", 3, _variants(are_siblings=False)),
    Suspect("with a {} input", 3, _inputs),
    Suspect("that is {}", 4, _other_layers(are_near=False)),
    Suspect("{}", 3, _one_layer("missing")),
    Suspect("{}", 3, _one_layer("counted twice")),
    Suspect("for a batch of {}", 3, _batches),
    Suspect("the decimal point slipped", 2, _scaled(*map(Fraction, (10, 100)), Fraction(1, 10), Fraction(1, 100))),
    LAST_RESORT,
)
"""The usual suspects, the most specific and simplest first."""
