"""What a printed figure claims: a value, the worth of its last digit, and so every value that it may stand for.

No tolerance is invented: "138M" claims that the figure, rounded to millions, is 138 million, and nothing else.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal, get_args

from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.record import Record
from vggcalc.units import count, decimal, percent

Verdict = Literal["exact", "agrees", "truncated", "erratum", "wrong", "unknown"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
Actual = int | Fraction | tuple[int, ...]

RIGHT: tuple[Verdict, ...] = ("exact", "agrees", "truncated")
"""The verdicts on a figure that is printed as it is."""

PREFIXES = {"": 0, "k": 1, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5}
WORDS = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
"""Words for powers of ten, whatever a table's K is."""

_CLASSES = {
    "bytes": "B byte bytes",
    "FLOPs": "FLOP FLOPs FLOPS flop flops OP OPs op ops operations",
    "MACs": "MAC MACs Mac Macs mac macs MAdd MAdds mult-adds multiply-adds Mult-Adds Multiply-Adds",
    "parameters": "parameter parameters Params params weight weights bias biases",
    "values": "value values activations",
    "neurons": "neurons",
    "connections": "connections",
    "layers": "layers",
    "pixels": "pixels px",
}
NOUNS = {noun: counted for counted, nouns in _CLASSES.items() for noun in nouns.split()}
"""What may be counted, and the one name for it: papers call one thing by many names."""

MOST_CHARACTERS, MOST_POWERS = 200, 30
"""A longer text or a larger power of ten is no printed figure."""

HOW = "write one as in 138M, 3.2M, 1.8e9, 138,357,544, 93MB, 58.13 MiB, 24M * 4 bytes, 7x7x512, 4.8% or <= 5M"

_ABOUT = re.compile(
    r"(?:~=|~|(?:about|around|approximately|approx\.?|roughly|nearly|almost|ca\.|circa)(?![A-Za-z]))\s*"
)
_SAID = {"at most": "<=", "up to": "<=", "less than": "<", "under": "<", "below": "<",
          "at least": ">=", "more than": ">", "over": ">", "above": ">"}  # fmt: skip
"""What a text says for a relation: more than 40 million parameters."""
_RELATION = re.compile(rf"(<=|>=|<|>|(?:{'|'.join(_SAID)})(?![A-Za-z]))\s*")
_SIDES = re.compile(r"\[?[0-9]+(?:\s*x\s*[0-9]+)+\]?|\((?:None,\s*)?[0-9]+(?:,\s*[0-9]+)+\)")
"""7x7x512, [7x7x512], (7, 7, 512), or as Keras prints it with an open batch, (None, 7, 7, 512)."""
_QUANTITY = re.compile(
    r"(?P<digits>[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+)"
    r"(?:[eE]\+?(?P<power>-?[0-9]{1,3})|\s*[x*]\s*10\^(?P<tens>[0-9]{1,3}))?"
    r"\s*(?P<unit>%|[A-Za-z][A-Za-z -]*?)?"
    r"(?:\s*[x*]\s*(?P<each>[1-9][0-9]?)\s*(?:B|bytes?))?"
)
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_SUPERSCRIPTS = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
_PLAIN = str.maketrans(
    {
        "\u00d7": "x",
        "\u00b7": "x",
        "\u22c5": "x",
        "\u2264": "<=",
        "\u2265": ">=",
        "\u2248": "~",
        "\u2243": "~",
        "\u2245": "~",
        "\u2013": "-",
        "\u2014": "-",
    }
)
"""Signs of print and how a keyboard writes them: times, at most, at least, about, dashes."""


class Printed(Record):
    """A figure as it is printed, and what it claims.

    digit: what one of its last digit is worth; 1K of "150K". relation: `=`, or of a budget `<=`, `<`, `>=` or `>`.
    sides: the numbers of "7x7x512", whose `value` is then nothing. noun: what it says it counts, by the one name for
    that, or `%`. unit: its own or its column's, which is worth so much: `scale`.
    """

    text: str
    value: Fraction
    digit: Fraction
    relation: str = "="
    sides: tuple[int, ...] = ()
    noun: str = ""
    unit: str = ""
    scale: Fraction = Fraction(1)

    @property
    def places(self) -> int:
        """How many decimals of its unit it has."""
        return len(str(int(self.scale / self.digit))) - 1 if self.digit else 0

    @property
    def leeway(self) -> Fraction:
        """How much its last digit leaves open: nothing is printed as 0 but 0, and a small share."""
        return self.digit if self.value or self.noun == "%" else Fraction(0)

    def rounds(self, actual: int | Fraction) -> bool:
        """Whether a figure that is rounded to the last printed digit, halves to either side, is the printed one."""
        return 2 * abs(actual - self.value) <= self.leeway

    def cuts(self, actual: int | Fraction) -> bool:
        """Whether a figure whose digits after the last printed one are dropped is the printed one."""
        return self.value <= actual < self.value + self.leeway

    def fits(self, actual: Actual) -> bool:
        """Whether the actual figure, cut or rounded to the last printed digit, is the printed one, or in its budget."""
        return self.verdict(actual) in RIGHT

    def verdict(self, actual: Actual) -> Verdict:
        """How the actual figure stands to the printed one; shapes are exact or wrong, budgets agree or are wrong.

        >>> read_printed("138M").verdict(138_357_544), read_printed("3.2M").verdict(3_290_000)
        ('agrees', 'truncated')
        """
        if self.sides or isinstance(actual, tuple):
            return "exact" if self._is_shape(actual) else "wrong"
        if self.relation != "=":
            low, high = (actual, self.value) if self.relation.startswith("<") else (self.value, actual)
            return "agrees" if low < high or (low == high and self.relation.endswith("=")) else "wrong"
        if actual == self.value:
            return "exact"
        if self.rounds(actual):
            return "agrees"
        return "truncated" if self.cuts(actual) else "wrong"

    def _is_shape(self, actual: Actual) -> bool:
        """One number stands for all axes where they are alike, and for a vector: "4096" is 1x1x4096."""
        if not isinstance(actual, tuple):
            return all(side == actual for side in self.sides)
        if self.sides:
            return self.sides == actual
        return self.relation == "=" and self.value == actual[-1] and set(actual[:-1]) <= {1}


def read_printed(text: str, unit: str = "", kilo: int = 1000, digits: int | None = None) -> Printed:
    """What a printed figure claims.

    unit: what the table says above the column, for figures that have none of their own: `M`, `GFLOPs`, `MiB`, `%`.
    kilo: 1000 or 1024, what K, M and G mean in this table; Ki, Mi and Gi are powers of 1024 in any.
    digits: how many of its digits count, of a table that rounds earlier: with 2, 650,000 stands for 65 ten-thousands.

    >>> read_printed("150K").value, read_printed("150K").digit, read_printed("24M * 4 bytes").digit
    (Fraction(150000, 1), Fraction(1000, 1), Fraction(4000000, 1))

    Raises: UsageError for a text that is no figure, or a unit that nobody knows.
    """
    if len(text) > MOST_CHARACTERS:
        raise UsageError(Problem("this is too long for a printed figure", HOW, code="not-a-figure"))
    rest, relation = _opening(text)
    if _SIDES.fullmatch(rest):
        if relation != "=":
            raise UsageError(
                Problem(f"'{text}' is a budget for a shape", "write a budget for one number", code="not-a-figure")
            )
        return Printed(text, Fraction(0), Fraction(1), sides=tuple(map(int, re.findall("[0-9]+", rest))))
    found = _QUANTITY.fullmatch(rest)
    if not found:
        hint = "write ~ where nothing is printed" if rest in ("", "-", "n/a") else HOW
        raise UsageError(Problem(f"'{text}' is not a printed figure", hint, code="not-a-figure"))
    value, digit = _number(found["digits"], text)
    power = int(found["power"] or found["tens"] or 0)
    if abs(power) > MOST_POWERS:
        raise UsageError(Problem(f"'{text}' is beyond any figure of a network", HOW, code="not-a-figure"))
    own_scale, own_noun = _unit(found["unit"] or "", kilo)
    scale, noun = _unit(unit, kilo)
    scale = own_scale if found["unit"] else scale
    factor = scale * int(found["each"] or 1)
    factor *= Fraction(10**power) if power >= 0 else Fraction(1, 10**-power)
    if digits is not None:
        digit = _coarser(found["digits"], digits, value, digit, text)
    return Printed(
        text,
        value * factor,
        digit * factor,
        relation,
        noun="bytes" if found["each"] else own_noun or noun,
        unit="" if found["each"] else found["unit"] or unit,
        scale=scale,
    )


def text_of(actual: Actual | None, printed: Printed | None = None) -> str:
    """A figure as a reader would write it: 73,728, 7x7x512 or 94.9%; a share with two more digits than its print."""
    if actual is None:
        return "unknown"
    if isinstance(actual, tuple):
        return "x".join(map(str, actual))
    if isinstance(actual, Fraction) and actual.denominator > 1:
        if printed and printed.noun == "%":
            return f"{decimal(actual * 100, printed.places + 2)}%"
        return percent(actual.numerator, actual.denominator)
    return count(actual)


def _opening(text: str) -> tuple[str, str]:
    """A text in plain signs without its marks of approximation, and its relation."""
    text = text.translate(_PLAIN)
    text = re.sub(f"10([{_SUPERSCRIPTS}]+)", lambda power: f"10^{_power(power[1])}", text).strip()
    text = _without(_ABOUT, text)
    found = _RELATION.match(text)
    return _without(_ABOUT, _without(_RELATION, text)), _SAID.get(found[1], found[1]) if found else "="


def _power(superscripts: str) -> str:
    return "".join(str(_SUPERSCRIPTS.index(digit)) for digit in superscripts)


def _without(opening: re.Pattern[str], text: str) -> str:
    found = opening.match(text)
    return text[found.end() :] if found else text


def _number(digits: str, text: str) -> tuple[Fraction, Fraction]:
    """A number and the worth of its last digit."""
    if "," in digits and not _GROUPED.fullmatch(digits):
        hint = "commas stand between groups of three digits, and a point before decimals"
        raise UsageError(Problem(f"'{text}' has a comma where none belongs", hint, code="not-a-figure"))
    plain = digits.replace(",", "")
    return Fraction(plain), Fraction(1, 10 ** len(plain.partition(".")[2]))


def _coarser(printed: str, digits: int, value: Fraction, digit: Fraction, text: str) -> Fraction:
    """The worth of the last digit that counts; those after it must be zeros. A figure of fewer digits has no more."""
    figures = len(printed.replace(",", "").replace(".", "").lstrip("0"))
    coarse = digit * Fraction(10 ** max(figures - digits, 0))
    if digits < 1 or value % coarse:
        hint = "the digits that do not count must be zeros; say of this one how many count"
        raise UsageError(Problem(f"'{text}' has more than {digits} digits that count", hint, code="not-a-figure"))
    return coarse


def _unit(unit: str, kilo: int) -> tuple[Fraction, str]:
    """The scale of a unit and what it counts; one that is a noun alone has the scale 1, and for none it is 1 too."""
    unit = unit.strip()
    if unit == "%":
        return Fraction(1, 100), "%"
    first, _, rest = unit.partition(" ")
    if first.lower() in WORDS:
        return Fraction(10 ** WORDS[first.lower()]), _noun(rest.strip(), unit)
    if not unit or unit in NOUNS:
        return Fraction(1), _noun(unit, unit)
    prefix, rest = unit[0], unit[1:]
    if prefix == "B" and NOUNS.get(rest.strip(), "bytes") != "bytes":  # billions; B alone is bytes
        return Fraction(10 ** WORDS["billion"]), _noun(rest.strip(), unit)
    if prefix not in PREFIXES:
        raise _no_unit(unit)
    if rest.startswith("i"):
        kilo, rest = 1024, rest[1:]
    return Fraction(kilo ** PREFIXES[prefix]), _noun(rest.strip(), unit)


def _noun(noun: str, unit: str) -> str:
    if noun and noun not in NOUNS:
        raise _no_unit(unit)
    return NOUNS[noun] if noun else ""


def _no_unit(unit: str) -> UsageError:
    known = [f"{prefix}{noun}" for prefix in ("", "k", "K", "M", "G", "T", "Ki", "Mi", "Gi") for noun in ("", *NOUNS)]
    near = [f"did you mean '{name}'?" for name in (*known, *WORDS) if name and name.lower() == unit.lower()]
    hint = (near or [did_you_mean(unit, {*known, *WORDS} - {""})])[0]
    return UsageError(
        Problem(
            f"there is no unit '{unit}'",
            hint if hint.startswith("did") else "write K, M, GFLOPs, MB, MiB or %",
            code="unknown-figure",
        )
    )
