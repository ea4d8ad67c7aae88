"""Exact counts to text. All division and rounding of vggcalc stands here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from vggcalc.errors import Problem, UsageError
from vggcalc.record import Record

if TYPE_CHECKING:
    from fractions import Fraction

DTYPE_BITS = {
    "float64": 64,
    "float32": 32,
    "float16": 16,
    "bfloat16": 16,
    "float8": 8,
    "int32": 32,
    "int16": 16,
    "int8": 8,
    "int4": 4,
}

DTYPE_ELSEWHERE = {
    **dict.fromkeys(("double", "fp64", "f64"), "float64"),
    **dict.fromkeys(("float", "single", "fp32", "f32"), "float32"),
    **dict.fromkeys(("half", "fp16", "f16"), "float16"),
    **dict.fromkeys(("bf16", "brain"), "bfloat16"),
    **dict.fromkeys(("fp8", "f8"), "float8"),
}
"""What frameworks and people call number formats, for hints."""

_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_DECIMAL = ("", "k", "M", "G", "T", "P", "E")
_DECIMAL_BYTES = tuple(f"{prefix}B" for prefix in _DECIMAL)
_UNITS = {
    unit: kilo**power for kilo, units in ((1000, _DECIMAL_BYTES), (1024, _BINARY)) for power, unit in enumerate(units)
}
"""What each unit of memory is in bytes."""


def n_bytes(values: int, dtype: str) -> int:
    """Bytes that so many values take, packed: ceil(values * bits / 8).

    >>> n_bytes(138_357_544, "float32")
    553430176
    """
    return -(-values * DTYPE_BITS[dtype] // 8)


def count(number: int | Fraction) -> str:
    """An exact count with thousands separators; a fraction as 1/2.

    >>> count(138357544)
    '138,357,544'
    """
    whole = f"{number.numerator:,}"
    return whole if number.denominator == 1 else f"{whole}/{number.denominator}"


def plain(number: int | Fraction) -> int | str:
    """A number for a machine: an int, or a fraction as the string `1/2`."""
    return number.numerator if number.denominator == 1 else f"{number.numerator}/{number.denominator}"


def half(twice: int) -> int | str:
    """Half of a whole number, for a machine: an int, or the string `1/2`.

    >>> half(4), half(-1)
    (2, '-1/2')
    """
    return f"{twice}/2" if twice % 2 else twice // 2


def short(number: int) -> str:
    """A count in powers of 1000, to four digits.

    >>> short(138357544), short(15470264320), short(840)
    ('138.4 M', '15.47 G', '840')
    """
    return _scaled(number, 1000, _DECIMAL)


def byte_text(number: int) -> str:
    """A count of bytes in powers of 1024, to four digits.

    >>> byte_text(60950432), byte_text(4096), byte_text(10)
    ('58.13 MiB', '4 KiB', '10 B')
    """
    return _scaled(number, 1024, _BINARY)


def megabytes(number: int, megabyte: int) -> str:
    """Bytes as tools print them, in MB of 2^20 or of 10^6 bytes.

    >>> megabytes(108_453_696, 10**6)
    '108.45 MB'
    """
    return f"{_decimal(number, megabyte, 2)} MB"


class Amount(Record):
    """An amount of memory as someone has written it: `24 GiB`."""

    bytes: int
    number: str
    unit: str

    def __str__(self) -> str:
        return f"{self.number} {self.unit}"

    def text(self, number: int) -> str:
        """Other bytes in the unit of this amount, to four digits.

        >>> parse_bytes("24GB").text(25_769_803_776), parse_bytes("24GiB").text(25_769_803_776)
        ('25.77 GB', '24 GiB')
        """
        each = _UNITS[self.unit]
        return f"{_decimal(number, each, _places(number, each) if number % each else 0)} {self.unit}"


def parse_bytes(text: str) -> Amount:
    """An amount of memory as people write it: `24GiB`, `512 KiB`, `16GB`, `262144B`.

    KiB, MiB, GiB, TiB, PiB, EiB are powers of 1024; kB, MB, GB, TB, PB, EB powers of 1000. A number without a unit is
    refused, for nobody means 24 bytes by 24.

    Raises: UsageError for what is none, and for nothing.

    >>> parse_bytes("24GiB").bytes, parse_bytes("1.5 MB").bytes
    (25769803776, 1500000)
    """
    match = re.fullmatch(r"(([0-9]{1,18})(?:\.([0-9]{1,6}))?)\s*(?:([kmgtpe])(i?))?(b?)", text.strip().lower())
    if match is None:
        raise UsageError(
            Problem(f"'{text}' is no amount of memory", "write it as in 24GiB, 512KiB or 16GB", code="bad-value")
        )
    number, whole, decimals, prefix, binary, byte = match.groups()
    decimals = decimals or ""
    if not (prefix or byte) and int(whole + decimals):
        raise UsageError(
            Problem(
                f"'{text}' has no unit", f"write {number}GiB or {number}GB, or {number}B for bytes", code="bad-value"
            )
        )
    unit = (_BINARY if binary else _DECIMAL_BYTES)[" kmgtpe".index(prefix or " ")]
    amount = int(whole + decimals) * _UNITS[unit] // int("1" + "0" * len(decimals))
    if not amount:
        raise UsageError(
            Problem(f"'{text}' is not even a byte", "write it as in 24GiB, 512KiB or 16GB", code="bad-value")
        )
    return Amount(amount, number, unit)


def percent(part: int, whole: int | None) -> str:
    """A share of a whole in percent with one decimal; unknown where the whole is.

    >>> percent(102764544, 138357544)
    '74.3%'
    """
    if whole is None:
        return "unknown"
    return f"{_decimal(100 * part, whole, 1)}%" if whole else "0.0%"


def decimal(number: int | Fraction, places: int, digits: int | None = None, cut: bool = False) -> str:
    """A number with so many decimals, halves up; or with what is behind them cut off.

    digits: how many of its digits count at most; those behind them are zeros.

    >>> decimal(138_357_544, 0), decimal(138_357_544, 0, digits=3), decimal(138_357_544, 0, digits=4, cut=True)
    ('138,357,544', '138,000,000', '138,300,000')
    """
    scaled = number * 10**places
    coarse = 10 ** max(len(str(scaled // 1)) - digits, 0) if digits is not None else 1
    numerator, denominator = scaled.numerator, scaled.denominator * coarse
    return _written((numerator // denominator if cut else _rounded(numerator, denominator)) * coarse, places)


def ratio(number: int, base: int) -> str:
    """How many times the base, to three decimals; nothing is a multiple of 0.

    >>> ratio(143667240, 132863336)
    '1.081x'
    """
    return f"{_decimal(number, base, 3)}x" if base else "n/a"


def difference(number: int) -> str:
    """A signed exact count.

    >>> difference(10803904), difference(0)
    ('+10,803,904', '0')
    """
    return f"{number:+,}" if number else "0"


def axes_text(values: Sequence[str]) -> str:
    """One text where all axes agree, else one for each with an x between.

    >>> axes_text(["3", "3"]), axes_text(["1", "7"])
    ('3', '1x7')
    """
    return "x".join(values[:1] if len(set(values)) == 1 else values) or "1"


def eighths(part: int, whole: int, width: int) -> int:
    """The length of a bar of `width` cells in eighths of a cell; a share above 0 shows at least one.

    >>> eighths(1, 2, 4), eighths(1, 1000, 4), eighths(0, 2, 4)
    (16, 1, 0)
    """
    if not part or not whole:
        return 0
    return max(1, _rounded(8 * width * part, whole))


def _scaled(number: int, base: Literal[1000, 1024], units: tuple[str, ...]) -> str:
    """Four digits in the largest unit that leaves at least 1; what rounds up to the next power is written in it."""
    magnitude = abs(number)
    power = places = 0
    while power + 1 < len(units) and magnitude >= base ** (power + 1):
        power += 1
    if magnitude % base**power:
        places = _places(magnitude, base**power)
        if power + 1 < len(units) and _rounded(magnitude * 10**places, base**power) >= base * 10**places:
            power += 1
            places = _places(magnitude, base**power)
    return f"{_decimal(number, base**power, places)} {units[power]}".rstrip()


def _places(number: int, unit: int) -> int:
    """The decimals that leave four digits once it is rounded: 9.9995 has three, but is 10.00."""
    for places in (3, 2, 1):
        if _rounded(number * 10**places, unit) < 10_000:
            return places
    return 0


def _decimal(number: int, unit: int, places: int) -> str:
    """number / unit with so many decimals."""
    sign = "-" if number < 0 else ""
    return sign + _written(_rounded(abs(number) * 10**places, unit), places)


def _written(digits: int, places: int) -> str:
    """Digits of which so many are decimals."""
    whole, rest = divmod(digits, 10**places)
    return f"{whole:,}" + (f".{rest:0{places}}" if places else "")


def _rounded(number: int, unit: int) -> int:
    """number / unit, halves up, in whole numbers: floats would round 0.125 and 0.375 to different sides."""
    return (2 * number + unit) // (2 * unit)
