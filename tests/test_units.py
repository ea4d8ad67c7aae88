"""Exact counts to text: every rounding boundary on both sides."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from vggcalc.units import (
    DTYPE_BITS,
    byte_text,
    count,
    difference,
    eighths,
    n_bytes,
    percent,
    plain,
    ratio,
    short,
)

BYTES = [
    # values, dtype, bytes
    (0, "float32", 0),
    (1, "float32", 4),
    (138_357_544, "float32", 553_430_176),  # VGG-16: 138,357,544 * 4
    (138_357_544, "float16", 276_715_088),
    (3, "bfloat16", 6),
    (3, "float64", 24),
    (3, "float8", 3),
    (3, "int32", 12),
    (3, "int16", 6),
    (3, "int8", 3),
    (0, "int4", 0),
    (1, "int4", 1),  # half a byte still takes one
    (2, "int4", 1),
    (3, "int4", 2),
    (138_357_545, "int4", 69_178_773),  # 69,178,772.5
]

COUNTS: list[tuple[int | Fraction, str, int | str]] = [
    # number, for people, for machines
    (0, "0", 0),
    (999, "999", 999),
    (1000, "1,000", 1000),
    (138_357_544, "138,357,544", 138_357_544),
    (-1234, "-1,234", -1234),
    (Fraction(1, 2), "1/2", "1/2"),
    (Fraction(-3, 2), "-3/2", "-3/2"),
    (Fraction(2001, 2), "2,001/2", "2001/2"),
    (Fraction(8, 4), "2", 2),
]

SHORT = [
    # number, text
    (0, "0"),
    (1, "1"),
    (999, "999"),
    (1_000, "1 k"),
    (1_001, "1.001 k"),
    (1_500, "1.500 k"),
    (9_999, "9.999 k"),
    (10_004, "10.00 k"),
    (10_005, "10.01 k"),  # halves go up
    (12_344, "12.34 k"),
    (99_994, "99.99 k"),
    (100_049, "100.0 k"),
    (100_050, "100.1 k"),
    (999_499, "999.5 k"),
    (999_999, "1.000 M"),  # never 1000.0 k
    (1_000_000, "1 M"),
    (1_000_499, "1.000 M"),
    (1_000_500, "1.001 M"),
    (61_100_840, "61.10 M"),  # AlexNet in torchvision
    (138_357_544, "138.4 M"),  # VGG-16, params
    (15_470_264_320, "15.47 G"),  # VGG-16, MACs
    (2 * 10**12, "2 T"),
    (10**15, "1 P"),
    (10**18, "1 E"),
    (1234 * 10**18, "1,234 E"),  # there is no unit above
    (-1_500, "-1.500 k"),
    (-999_999, "-1.000 M"),
]

FOUR_DIGITS: list[tuple[Callable[[int], str], int, str]] = [
    # function, number, text with four digits
    (short, 999_500, "999.5 k"),
    (short, 999_949, "999.9 k"),
    (short, 99_995, "100.0 k"),
    (short, 9_999_500, "10.00 M"),
    (byte_text, 102_395, "100.0 KiB"),  # 99.9951 KiB
    (byte_text, 1_023_980, "1,000 KiB"),  # 999.98 KiB
]
"""Where the fifth digit decides about the number of digits before the point."""

BYTE_TEXTS = [
    # bytes, text
    (0, "0 B"),
    (10, "10 B"),
    (1_023, "1,023 B"),
    (1_024, "1 KiB"),
    (1_025, "1.001 KiB"),  # 1.00098
    (1_536, "1.500 KiB"),
    (4_096, "4 KiB"),
    (1_023 * 1024, "1,023 KiB"),
    (1_048_063, "1,023 KiB"),  # 1023.499 KiB
    (1_048_064, "1.000 MiB"),  # 1023.5 KiB
    (1_048_566, "1.000 MiB"),  # 1023.99 KiB
    (1_048_576, "1 MiB"),
    (60_950_432, "58.13 MiB"),  # VGG-16: 15,237,608 values * 4 = 58.127 MiB
    (97_410_976, "92.90 MiB"),  # 24,352,744 values * 4 = 92.898 MiB
    (553_430_176, "527.8 MiB"),  # 527.79 MiB in pytorch-summary's README
    (1_024**3, "1 GiB"),
    (1_024**6, "1 EiB"),
    (1_024**7, "1,024 EiB"),
]

PERCENTS = [
    # part, whole, text
    (0, 5, "0.0%"),
    (5, 5, "100.0%"),
    (1, 3, "33.3%"),
    (2, 3, "66.7%"),
    (1, 16, "6.3%"),  # 6.25: halves go up
    (3, 16, "18.8%"),  # 18.75
    (1, 2000, "0.1%"),  # 0.05
    (1, 2001, "0.0%"),
    (1999, 2000, "100.0%"),  # 99.95
    (102_764_544, 138_357_544, "74.3%"),  # fc6 of VGG-16: 74.275
    (0, 0, "0.0%"),
]

RATIOS = [
    # number, base, text
    (1, 1, "1.000x"),
    (0, 5, "0.000x"),
    (1, 3, "0.333x"),
    (2, 3, "0.667x"),
    (1, 16, "0.063x"),  # 0.0625
    (4_001, 2, "2,000.500x"),
    (143_667_240, 132_863_336, "1.081x"),  # VGG-19 to VGG-11: 1.0813
    (5, 0, "n/a"),
]

DIFFERENCES = [(0, "0"), (1, "+1"), (-1, "-1"), (10_803_904, "+10,803,904"), (-1_000, "-1,000")]

BARS = [
    # part, whole, width, eighths
    (0, 2, 4, 0),
    (0, 0, 4, 0),
    (2, 2, 4, 32),
    (1, 2, 4, 16),
    (1, 16, 1, 1),  # half an eighth
    (3, 16, 1, 2),  # one and a half
    (1, 1000, 4, 1),  # what is there is seen
]


@pytest.mark.parametrize(("values", "dtype", "expected"), BYTES)
def test_bytes(values: int, dtype: str, expected: int) -> None:
    """Values take their bits, rounded up to whole bytes once for all of them."""
    assert n_bytes(values, dtype) == expected


def test_every_dtype_has_a_row() -> None:
    """No dtype lacks a row in the table."""
    assert {dtype for _, dtype, _ in BYTES} == set(DTYPE_BITS)


@pytest.mark.parametrize(("number", "people", "machines"), COUNTS)
def test_counts(number: int | Fraction, people: str, machines: int | str) -> None:
    """Counts are exact, fractions included."""
    assert count(number) == people
    assert plain(number) == machines


@pytest.mark.parametrize(("number", "expected"), SHORT)
def test_short(number: int, expected: str) -> None:
    """Short counts have four digits and a power of 1000, and what is exact shows no zeros behind the point."""
    assert short(number) == expected


@pytest.mark.parametrize(("text_of", "number", "expected"), FOUR_DIGITS)
def test_four_digits(text_of: Callable[[int], str], number: int, expected: str) -> None:
    """Rounding to four digits shows neither three nor five of them."""
    assert text_of(number) == expected


@pytest.mark.parametrize(("number", "expected"), BYTE_TEXTS)
def test_byte_text(number: int, expected: str) -> None:
    """Short sizes have a power of 1024 that says so."""
    assert byte_text(number) == expected


@pytest.mark.parametrize(("part", "whole", "expected"), PERCENTS)
def test_percent(part: int, whole: int, expected: str) -> None:
    """Shares have one decimal, halves up; a share of nothing is nothing."""
    assert percent(part, whole) == expected


@pytest.mark.parametrize(("number", "base", "expected"), RATIOS)
def test_ratio(number: int, base: int, expected: str) -> None:
    """Ratios have three decimals, and none is told for a base of nothing."""
    assert ratio(number, base) == expected


@pytest.mark.parametrize(("number", "expected"), DIFFERENCES)
def test_difference(number: int, expected: str) -> None:
    """Differences carry their sign, and none has none."""
    assert difference(number) == expected


@pytest.mark.parametrize(("part", "whole", "width", "expected"), BARS)
def test_eighths(part: int, whole: int, width: int, expected: int) -> None:
    """A bar is as long as its share, in eighths of a cell, and never invisible."""
    assert eighths(part, whole, width) == expected
