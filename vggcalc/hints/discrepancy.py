"""A wrong figure, with all that explanations look at."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, cast

from vggcalc.analysis.report import Row, Rows
from vggcalc.claims.calculator import Calculator
from vggcalc.claims.finding import Finding
from vggcalc.claims.printed import Actual, Printed, text_of
from vggcalc.conventions import MEMORY
from vggcalc.conventions.convention import Term
from vggcalc.errors import VggcalcError
from vggcalc.figures import FIGURES, Selection, count_of, value_of
from vggcalc.network import Node
from vggcalc.record import Record
from vggcalc.units import byte_text, count, n_bytes

WORK = ("macs", "flops", "operations")

_BINARY = re.compile(r"(?<![A-Za-z])([kKMGTP])i")


class Contribution(Record):
    """What a layer adds to a figure, before it is told in bytes."""

    place: int
    row: Row
    node: Node
    amount: int


class Discrepancy:
    """A wrong figure with all that explanations look at. Of `params_bytes` the figure is params, told in bytes."""

    def __init__(self, calculator: Calculator, finding: Finding) -> None:
        quantity = finding.claim.quantity
        self.calculator = calculator
        self.printed = finding.claim.printed
        self.actual = finding.actual
        self.in_bytes = finding.claim.in_bytes or FIGURES[quantity.figure].unit == "bytes"
        self.asked = quantity._replace(figure=FIGURES[quantity.figure].of or quantity.figure)
        self.others: list[Discrepancy] = []
        layers = quantity.question._replace(batch=1, dtype="", training=False)
        self.subject = (quantity.model, layers, quantity.layer)

    def value(self, variant: str = "", **changes: Any) -> Actual | None:
        """The figure, had another quantity been asked for."""
        asked = self.asked.changed(**changes)
        try:
            selection = self.calculator.selection(asked, variant=variant)
            return value_of(FIGURES[asked.figure], selection, self.in_bytes, asked.share) if selection else None
        except VggcalcError:
            return None

    def values(self, **changes: Any) -> int | None:
        """The values that it counts, before they are told in bytes."""
        asked = self.asked.changed(**changes)
        try:
            selection = self.calculator.selection(asked)
            found = value_of(FIGURES[asked.figure], selection) if selection else None
        except VggcalcError:
            return None
        return found if isinstance(found, int) and FIGURES[asked.figure].unit == "values" else None

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
        return self.calculator.selection(self.asked)

    def supposing(self, slip: Callable[[Row], Row]) -> Actual | None:
        """The figure, had each of its layers been as a slip has it; None for one that is not read off the layers."""
        figure, selection = FIGURES[self.asked.figure], self.selection
        if selection is None or self.asked.share or not (figure.each or figure.key in ("output", "size")):
            return None
        own = {row.index: slip(row) for row in selection.rows}
        rows = [own.get(place, row) for place, row in enumerate(selection.report.rows)]
        last = rows[selection.last.index] if selection.last else None
        report = selection.report._replace(rows=cast(Rows, rows))
        supposed = selection._replace(report=report, places=tuple(own), last=last, is_whole=False)
        return value_of(figure, supposed, self.in_bytes)

    @cached_property
    def parts(self) -> list[Contribution]:
        """What each layer adds; nothing where the figure is no sum of what its layers add."""
        parts = self.amounts()
        return parts if parts and self.sized(sum(part.amount for part in parts)) == self.actual else []

    @cached_property
    def total(self) -> int:
        """What the layers add up to."""
        return sum(part.amount for part in self.parts)

    def amounts(self) -> list[Contribution]:
        """What each layer has of the figure."""
        if self.selection is None or self.asked.share:
            return []
        amount = self._amount(self.selection)
        if amount is None:
            return []
        nodes = self.selection.report.network.nodes
        places = {row.name: place for place, row in enumerate(self.selection.report.rows)}
        found = ((places[row.name], row) for row in self.selection.rows)
        amounts = ((place, row, amount(place)) for place, row in found)
        return [Contribution(place, row, nodes[place], value) for place, row, value in amounts if value is not None]

    def _amount(self, selection: Selection) -> Callable[[int], int | None] | None:
        """How much of the figure the layer in a place has; by a convention of a peak, what is alive there."""
        report = selection.report
        figure = FIGURES[self.asked.figure]
        if (each := figure.each) is not None:
            return lambda place: each(report.rows[place], report)
        if name := self.asked.convention or figure.convention:
            try:
                return count_of(selection, figure.counted or "memory", name).of
            except VggcalcError:
                pass
        return None

    def sized(self, values: int) -> int | None:
        """So many values as the figure tells them."""
        if not self.in_bytes or self.asked.figure in WORK:
            return values
        dtype = self.asked.question.dtype
        if self.asked.convention in MEMORY:
            return MEMORY[self.asked.convention].bytes_of([Term(1, "values", values)], dtype)
        return n_bytes(values, dtype)

    def text(self, value: Actual) -> str:
        """A value as it is told."""
        if self.in_bytes and isinstance(value, int):
            return f"{count(value)} bytes" + (f" = {byte_text(value)}" if value >= 1024 else "")
        return text_of(value, self.printed)

    def read(self, text: str, **settings: Any) -> Printed | None:
        """Another print, or another reading of it: its unit, kilo, digits; None where it cannot be read."""
        asked = self.asked._replace(**settings)
        try:
            return asked.read(text)
        except VggcalcError:
            return None

    @cached_property
    def other_kilo(self) -> Printed | None:
        """The print with the other meaning of K, M and G: 1024 for 1000, or 1000 for 1024."""
        text, unit = (_BINARY.sub(r"\1", part) for part in (self.printed.text, self.asked.unit))
        is_binary = (text, unit) != (self.printed.text, self.asked.unit)
        read = self.read(text, unit=unit, kilo=1000 if is_binary or self.asked.kilo == 1024 else 1024)
        return read if read and read.value != self.printed.value else None

    @cached_property
    def left_out(self) -> dict[str, Contribution]:
        """The layers without one of which the figure would be as printed; with its normalisation, if it has one."""
        return self._explaining(-1)

    @cached_property
    def doubled(self) -> dict[str, Contribution]:
        """The layers with one of which, counted twice, the figure would be as printed."""
        return self._explaining(1)

    def _explaining(self, times: int) -> dict[str, Contribution]:
        """The layers one of which, counted so many times more, gives the print; with or without its normalisation."""
        parts = [part for part in self.parts if part.amount and part.row.inputs]
        norms = {part.node.inputs[0]: part.amount for part in parts if part.row.role == "norm"}
        found: dict[str, Contribution] = {}
        for part in parts if len(parts) > 1 else []:
            norm = norms.get(part.place, 0) if part.row.role == "conv" else 0
            for amount in dict.fromkeys((part.amount, part.amount + norm)):
                value = self.sized(self.total + times * amount)
                if value is not None and self.printed.fits(value):
                    found.setdefault(part.row.name, part._replace(amount=amount))
        return found
