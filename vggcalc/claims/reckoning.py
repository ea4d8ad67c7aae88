"""Arithmetic with figures, as tables write it: macs - macs(conv3_3), 3*macs, params + buffers."""

from __future__ import annotations

import re

from vggcalc.claims.calculator import Calculator
from vggcalc.claims.quantity import Quantity
from vggcalc.errors import Mark, Problem
from vggcalc.figures import FIGURES
from vggcalc.reading.nodes import TextNode
from vggcalc.reading.reader import Reader


def figures_in(text: str) -> list[str]:
    """The figures that arithmetic is done with.

    >>> figures_in("macs - 2*macs(conv3_3) + biases")
    ['macs', 'macs', 'biases']
    """
    return [found["figure"] for found in re.finditer(_named(), text)]


def reckoned(calculator: Calculator, asked: Quantity, in_bytes: bool, mark: Mark) -> int | None:
    """What a quantity's arithmetic comes to; None where a figure is unknown, or with problems.

    Its figures are those of the quantity's layers, or of those named in brackets. in_bytes: values are told in bytes.
    """
    unknown = []

    def value(found: re.Match[str]) -> str:
        figure, layers = found["figure"], found["layers"]
        own = asked._replace(figure=figure, arithmetic="", share=False)
        if FIGURES[figure].counted != FIGURES[asked.figure].counted:
            own = own._replace(convention="")
        if FIGURES[figure].counted and not own.convention:
            hint = "say who counts: convention: NAME, beside the arithmetic"
            calculator.problems.append(Problem(f"{figure} without a convention", hint, mark, code="no-convention"))
            return "0"
        if layers is not None:
            own = own._replace(layer=tuple(name.strip() for name in layers.split(" + ")), part="")
        _, number = calculator.answer(own, in_bytes, mark) or (None, None)
        if not isinstance(number, int):
            unknown.append(figure)
        return str(number)

    text = re.sub(_named(), value, asked.arithmetic)
    if unknown:
        return None
    reader = Reader()
    result = reader.filled(TextNode(f"$({text})", True, mark), dict.fromkeys(FIGURES, 0))
    calculator.problems += reader.problems
    if result is not None and not result.removeprefix("-").isdecimal():  # the expression ended before the text did
        hint = "close as many brackets as are opened"
        calculator.problems.append(Problem(f"'{asked.arithmetic}' is no arithmetic", hint, mark, code="bad-expression"))
        return None
    return None if result is None else int(result)


def _named() -> str:
    return rf"\b(?P<figure>{'|'.join(FIGURES)})\b(?:\((?P<layers>[^()]*)\))?"
