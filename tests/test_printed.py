"""What printed figures claim; the verdicts are from hand calculation."""

import re
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vggcalc import UsageError
from vggcalc.claims import read_printed

CLAIMS = {
    # what is printed: its value, the worth of its last digit, and what it says that it counts
    "138M": (138_000_000, 1_000_000, ""),
    "3.2M": (3_200_000, 100_000, ""),
    "150K": (150_000, 1_000, ""),
    "150 k": (150_000, 1_000, ""),
    "93MB": (93_000_000, 1_000_000, "bytes"),
    "1.8e9": (1_800_000_000, 100_000_000, ""),
    "1.8E+9": (1_800_000_000, 100_000_000, ""),
    "3.8\u00d710\u2079": (3_800_000_000, 100_000_000, ""),
    "3.8 x 10^9 FLOPs": (3_800_000_000, 100_000_000, "FLOPs"),
    "3.8\u00d710^9": (3_800_000_000, 100_000_000, ""),
    "3.8\u00b710\u2079": (3_800_000_000, 100_000_000, ""),
    "34.9 BFLOPs": (34_900_000_000, 100_000_000, "FLOPs"),  # as Darknet prints it
    "1.8B FLOPs": (1_800_000_000, 100_000_000, "FLOPs"),
    "0.138B params": (138_000_000, 1_000_000, "parameters"),
    "569M Mult-Adds": (569_000_000, 1_000_000, "MACs"),
    "569 Million Mult-Adds": (569_000_000, 1_000_000, "MACs"),
    "138,357,544": (138_357_544, 1, ""),
    "1,792.5": (Fraction(3585, 2), Fraction(1, 10), ""),
    ".5": (Fraction(1, 2), Fraction(1, 10), ""),
    "15.5 G": (15_500_000_000, 100_000_000, ""),
    "15.47 GMACs": (15_470_000_000, 10_000_000, "MACs"),
    "15.47 GFLOPs": (15_470_000_000, 10_000_000, "FLOPs"),
    "58.13 MiB": (Fraction(5813 * 2**20, 100), Fraction(2**20, 100), "bytes"),
    "256 KiB": (256 * 1024, 1024, "bytes"),
    "9.2Ki": (Fraction(92 * 1024, 10), Fraction(1024, 10), ""),
    "24M * 4 bytes": (96_000_000, 4_000_000, "bytes"),
    "24M\u00d74 bytes": (96_000_000, 4_000_000, "bytes"),
    "10 * 2 B": (20, 2, "bytes"),
    "4096 bytes": (4096, 1, "bytes"),
    "~= 93MB": (93_000_000, 1_000_000, "bytes"),
    "\u224893 MB": (93_000_000, 1_000_000, "bytes"),
    "about 5": (5, 1, ""),
    "approx. 5": (5, 1, ""),
    "almost 400MB": (400_000_000, 1_000_000, "bytes"),
    "nearly 1GB": (1_000_000_000, 1_000_000_000, "bytes"),
    "4.8%": (Fraction(48, 1000), Fraction(1, 1000), "%"),
    "65E+4": (650_000, 10_000, ""),
    "65e4": (650_000, 10_000, ""),
    "15e-1": (Fraction(3, 2), Fraction(1, 10), ""),
    "60 million": (60_000_000, 1_000_000, ""),
    "60 million parameters": (60_000_000, 1_000_000, "parameters"),
    "1.8 billion": (1_800_000_000, 100_000_000, ""),
    "0": (0, 1, ""),
}


def bumped(text: str, digits: int | None = None, by: int = 1) -> str:
    """A printed figure with one more of its last digit, or of the last that counts; a budget that nothing meets.

    by: -1 for one less; ValueError where there is none less.

    >>> bumped("138M"), bumped("7x7x512"), bumped("1,999"), bumped("24M * 4 bytes"), bumped("650,000", 2)
    ('139M', '7x7x513', '2,000', '25M * 4 bytes', '660,000')
    >>> bumped("2,000", by=-1), bumped("1.0K", by=-1), bumped("650,000", 2, -1)
    ('1,999', '0.9K', '640,000')
    """
    if text.startswith(("<", "\u2264")):
        return "< 0"
    if text.startswith((">", "\u2265")):
        return "> 1e30"
    if power := re.search(r"\s*[x*\u00d7]\s*10(\^|[^0-9x])", text):
        return bumped(text[: power.start()], None, by) + text[power.start() :]
    start = next(place for place, letter in enumerate(text) if letter.isdigit())
    end = start
    while end < len(text) and (text[end].isdigit() or text[end] in ",.x\u00d7"):
        end += 1
    number = text[start:end].rstrip(",.x\u00d7")
    end = start + len(number)
    before, last = "", number
    for cross in "x\u00d7":
        if cross in number:
            before, _, last = number.rpartition(cross)
            before += cross
    figures = last.replace(",", "").replace(".", "")
    step = 10 ** (len(figures.lstrip("0")) - digits if digits else 0)
    if int(figures) + by * step < 0:
        raise ValueError(text)
    more = f"{int(figures) + by * step:0{len(figures)}}"
    places = len(last.partition(".")[2])
    whole, decimals = (more[:-places], "." + more[-places:]) if places else (more, "")
    grouped = f"{int(whole):,}" if "," in last else whole
    return text[:start] + before + grouped + decimals + text[end:]


@pytest.mark.parametrize("text", CLAIMS)
def test_what_is_claimed(text: str) -> None:
    """The value, the worth of the last digit, and what it counts."""
    printed = read_printed(text)
    assert (printed.value, printed.digit, printed.noun) == CLAIMS[text]
    assert (printed.text, printed.relation, printed.sides) == (text, "=", ())
    assert printed.verdict(printed.value) == "exact"


@pytest.mark.parametrize(
    ("text", "unit", "kilo", "value", "noun"),
    [
        ("138", "M", 1000, 138_000_000, ""),
        ("112", "K", 1024, 112 * 1024, ""),
        ("112K", "K", 1024, 112 * 1024, ""),  # a unit of its own stands instead of the column's
        ("1.5G", "M", 1000, 1_500_000_000, ""),
        ("15.5", "GFLOPs", 1000, 15_500_000_000, "FLOPs"),
        ("93", "MB", 1024, 93 * 2**20, "bytes"),
        ("93", "MB", 1000, 93_000_000, "bytes"),
        ("93", "MiB", 1000, 93 * 2**20, "bytes"),
        ("93M", "MB", 1000, 93_000_000, "bytes"),  # the noun is the column's
        ("60 million", "K", 1024, 60_000_000, ""),
        ("60 thousand", "", 1024, 60_000, ""),
        ("2e3", "K", 1000, 2_000_000, ""),
        ("94.86", "%", 1000, Fraction(9486, 10_000), "%"),
        ("150,528", "bytes", 1000, 150_528, "bytes"),
    ],
)
def test_units_of_a_column(text: str, unit: str, kilo: int, value: int | Fraction, noun: str) -> None:
    """A figure without a unit has its column's, and K is what the table says."""
    printed = read_printed(text, unit, kilo)
    assert (printed.value, printed.noun) == (value, noun)


@pytest.mark.parametrize(
    ("text", "actual", "verdict"),
    [
        ("138M", 138_357_544, "agrees"),
        ("138M", 138_000_000, "exact"),
        ("138M", 138_500_000, "agrees"),  # the half may go to either side
        ("139M", 138_500_000, "agrees"),
        ("138M", 138_500_001, "truncated"),
        ("138M", 138_999_999, "truncated"),
        ("138M", 139_000_000, "wrong"),
        ("138M", 137_499_999, "wrong"),
        ("138M", 137_500_000, "agrees"),
        ("150K", 150_528, "truncated"),  # CS231n's 150K is 224*224*3
        ("151K", 150_528, "agrees"),
        ("73", 74, "wrong"),
        ("650,000", 659_272, "wrong"),
        ("65E+4", 659_272, "truncated"),
        ("66e4", 659_272, "agrees"),
        ("24M * 4 bytes", 97_410_976, "agrees"),  # 24.35 million values
        ("24M * 4 bytes", 60_950_432, "wrong"),
        ("58.13 MiB", 60_950_432, "agrees"),
        ("4.8%", Fraction(1, 21), "agrees"),  # 4.76%
        ("4.7%", Fraction(1, 21), "truncated"),
        ("7x7x512", (7, 7, 512), "exact"),
        ("7 \u00d7 7 \u00d7 512", (7, 7, 512), "exact"),
        ("7x7x512", (7, 7, 513), "wrong"),
        ("[7x7x512]", (7, 7, 512), "exact"),
        ("(7, 7, 512)", (7, 7, 512), "exact"),
        ("(7,7,512)", (7, 7, 513), "wrong"),
        ("(None, 7, 7, 512)", (7, 7, 512), "exact"),
        ("7x7", (7, 7, 1), "wrong"),
        ("7x7", 7, "exact"),  # one number where all axes are alike
        ("7x8", 7, "wrong"),
        ("4096", (1, 1, 4096), "exact"),
        ("4096", (1, 2, 4096), "wrong"),
        ("4096", (1, 1, 4095), "wrong"),
        ("<= 5M", 5_000_000, "agrees"),
        ("<= 5M", 5_000_001, "wrong"),
        ("<= 256 KiB", 262_144, "agrees"),
        ("\u2264 256 KiB", 262_145, "wrong"),
        ("< 5M", 5_000_000, "wrong"),
        ("< 5M", 4_999_999, "agrees"),
        (">= 10", 10, "agrees"),
        (">= 10", 9, "wrong"),
        ("\u226510", 11, "agrees"),
        ("> 10", 10, "wrong"),
        ("<= about 5M", 5_000_000, "agrees"),
        ("more than 40 million", 40_000_001, "agrees"),
        ("more than 40 million", 40_000_000, "wrong"),
        ("at least 40 million", 40_000_000, "agrees"),
        ("less than 5M", 5_000_000, "wrong"),
        ("under 5M", 4_999_999, "agrees"),
        ("up to 5M", 5_000_000, "agrees"),
        ("over 5M", 5_000_000, "wrong"),
        ("almost 5M", 4_600_000, "agrees"),
        ("almost 5M", 4_400_000, "wrong"),
        ("about <= 5M", 5_000_001, "wrong"),
        ("< 5", (1, 1, 5), "wrong"),
    ],
)
def test_verdicts(text: str, actual: int | Fraction | tuple[int, ...], verdict: str) -> None:
    """Exact, rounded, cut, or wrong; nothing is tolerated."""
    assert read_printed(text).verdict(actual) == verdict


def test_digits_that_count() -> None:
    """650,000 of a table that rounds to two digits is 65 ten-thousands; 15300 with three is 153 hundreds."""
    printed = read_printed("650,000", digits=2)
    assert (int(printed.value), int(printed.digit)) == (650_000, 10_000)
    assert printed.verdict(659_272) == "truncated"
    assert read_printed("15300", "M", digits=3).digit == 100_000_000
    assert read_printed("1.50", digits=2).digit == Fraction(1, 10)
    assert read_printed("138M", digits=3) == read_printed("138M", digits=9) == read_printed("138M")


A_HINT = "write one as in 138M, 3.2M, 1.8e9, 138,357,544, 93MB, 58.13 MiB, 24M * 4 bytes, 7x7x512, 4.8% or <= 5M"
COMMAS = "commas stand between groups of three digits, and a point before decimals"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("many", f"'many' is not a printed figure; {A_HINT}"),
        ("", "'' is not a printed figure; write ~ where nothing is printed"),
        ("-", "'-' is not a printed figure; write ~ where nothing is printed"),
        ("-5", f"'-5' is not a printed figure; {A_HINT}"),
        ("5 5", f"'5 5' is not a printed figure; {A_HINT}"),
        ("1e5e5", f"'1e5e5' is not a printed figure; {A_HINT}"),
        ("224*224*3", f"'224*224*3' is not a printed figure; {A_HINT}"),
        ("13,83", f"'13,83' has a comma where none belongs; {COMMAS}"),
        ("1,5M", f"'1,5M' has a comma where none belongs; {COMMAS}"),
        ("1e99", f"'1e99' is beyond any figure of a network; {A_HINT}"),
        ("5m", "there is no unit 'm'; did you mean 'M'?"),
        ("93Mb", "there is no unit 'Mb'; did you mean 'MB'?"),
        ("5 GFLOPz", "there is no unit 'GFLOPz'; did you mean 'GFLOP'?"),
        ("5 million dollars", "there is no unit 'million dollars'; "),
        ("<= 7x7", "'<= 7x7' is a budget for a shape; write a budget for one number"),
        ("9" * 201, "this is too long for a printed figure; "),
    ],
)
def test_what_is_no_figure(text: str, message: str) -> None:
    """Nonsense is answered by what would be right."""
    with pytest.raises(UsageError) as raised:
        read_printed(text)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(("text", "digits"), [("650,000", 1), ("650,000", 0), ("138M", 2), ("1.25", 2)])
def test_digits_that_cannot_count(text: str, digits: int) -> None:
    """Digits that do not count must be zeros."""
    with pytest.raises(
        UsageError, match=f"'{text}' has more than {digits} digits that count; the digits that do not count"
    ):
        read_printed(text, digits=digits)


@pytest.mark.slow
@given(st.integers(0, 10**12), st.integers(0, 12))
def test_what_is_rounded_agrees(actual: int, power: int) -> None:
    """A number rounded to n digits agrees or is exact, one unit off is not; cut, it is right too; 0 is 0 alone."""
    unit = 10**power
    rounded = (2 * actual + unit) // (2 * unit)
    rough = "agrees" if rounded else "wrong"
    assert read_printed(f"{rounded}e{power}").verdict(actual) == ("exact" if actual % unit == 0 else rough)
    assert (read_printed(f"{actual // unit}e{power}").verdict(actual) == "wrong") is (0 < actual < unit)
    assert read_printed(f"{rounded + 1}e{power}").verdict(actual) == "wrong"
    if rounded > 1:
        off = read_printed(f"{rounded - 2}e{power}").verdict(actual)
        assert off == "wrong"


@pytest.mark.slow
@given(st.integers(0, 10**12), st.sampled_from(["", "K", "M", "GB", "KiB", " Mi"]), st.sampled_from([1000, 1024]))
def test_prefixes_scale_exactly(number: int, unit: str, kilo: int) -> None:
    """With thousands separators or without, a figure is exactly its number times its unit."""
    base = 1024 if "i" in unit else kilo
    scale = base ** {"K": 1, "M": 2, "G": 3}.get(unit.strip()[:1], 0)
    for text in (f"{number}{unit}", f"{number:,}{unit}"):
        printed = read_printed(text, kilo=kilo)
        assert (printed.value, printed.digit) == (number * scale, scale)
        assert printed.verdict(number * scale) == "exact"
        assert printed.verdict(number * scale + scale) == "wrong"


@pytest.mark.slow
@given(st.text(max_size=30))
def test_any_text_is_a_figure_or_a_mistake(text: str) -> None:
    """No text ends in anything but a figure or a message."""
    with suppress(UsageError):
        assert read_printed(text).text == text


@pytest.mark.parametrize("text", [*CLAIMS, "7x7x512", "55\u00d755\u00d796", "9.99M", "99,999", "<= 5M", ">= 10"])
def test_one_more_of_the_last_digit(text: str) -> None:
    """A bumped figure claims one more of its last digit, and what was right is wrong."""
    before, after = read_printed(text), read_printed(bumped(text))
    if before.sides:
        assert after.sides == (*before.sides[:-1], before.sides[-1] + 1)
        assert after.verdict(before.sides) == "wrong"
    else:
        assert before.relation != "=" or (after.value, after.digit) == (before.value + before.digit, before.digit)
        assert after.verdict(before.value) == "wrong"
