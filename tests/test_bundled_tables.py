"""The bundled tables: all green, each with a source, and a figure that is off by one of its last digit is seen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from clock import least_seconds
from documents import ROOT
from test_printed import bumped

from vggcalc.claims import Claim, Finding, Printed, Table, check, load_table, read_printed

FOLDER = ROOT / "specs" / "published"
BUNDLED = sorted(path.stem for path in FOLDER.glob("*.yaml"))

COUNTS = {
    # claims, and how many of them are errata
    "alexnet-paper": (36, 2),
    "convnet-burden": (71, 0),
    "cs231n-inception": (1, 1),
    "cs231n-vgg16": (69, 2),
    "densenet-table1": (132, 1),
    "densenet-table2": (12, 0),
    "eecs498-comparison": (6, 1),
    "googlenet-table1": (132, 12),
    "googlenet-text": (13, 0),
    "keras-applications-2018": (10, 0),
    "lenet5-paper": (20, 0),
    "mobilenet-v1-table1": (86, 1),
    "mobilenet-v1-table10": (9, 1),
    "mobilenet-v1-table2": (8, 1),
    "mobilenet-v1-table3": (8, 0),
    "mobilenet-v1-tables4-9": (36, 7),
    "netscope-vgg16": (154, 0),
    "nin-imagenet": (62, 0),
    "receptive-field-summary": (35, 0),
    "receptive-field-table": (363, 0),
    "resnet-table1": (194, 0),
    "resnet-table6": (19, 0),
    "resnet-text": (4, 0),
    "squeezenet-table1": (76, 1),
    "thop-readme": (62, 0),
    "torchsummary-vgg16": (80, 0),
    "torchvision-classification": (38, 0),
    "unet-figure1": (96, 0),
    "vgg-table1": (294, 0),
    "vgg-table2": (6, 0),
    "vgg-text": (2, 0),
    "zfnet-paper": (14, 0),
}


@cache
def table(name: str) -> Table:
    """A bundled table."""
    return load_table(str(FOLDER / f"{name}.yaml"))


@cache
def findings(name: str) -> list[Finding]:
    """The findings on a bundled table."""
    return check(table(name))


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_table_is_right(name: str) -> None:
    """Every claim is exact, agrees, is cut, or is an erratum with its reason."""
    red = [(str(f.claim.mark), f.verdict, f.explanation) for f in findings(name)]
    assert [told for told in red if told[1] in ("wrong", "unknown")] == []


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_table_says_whence_it_is(name: str) -> None:
    """Nothing is recorded that vggcalc itself produced: each table has a title, a source and how it was copied."""
    found = table(name)
    assert found.title != found.name
    assert len(found.source) > 20
    assert len(found.transcribed) > 20
    assert "vggcalc" not in f"{found.source} {found.transcribed}"


@pytest.mark.parametrize("name", BUNDLED)
def test_every_cell_is_there(name: str) -> None:
    """A table has as many claims as the print has cells, and as many errata as are known."""
    assert (len(findings(name)), sum(f.verdict == "erratum" for f in findings(name))) == COUNTS[name]


@pytest.mark.parametrize("name", BUNDLED)
def test_a_table_says_whether_it_cuts(name: str) -> None:
    """A figure that is not exact is of a table, a column or a cell that says whether it rounds or cuts."""
    silent = [str(f.claim.mark) for f in findings(name) if f.verdict in ("agrees", "truncated") and not _says(f.claim)]
    assert silent == []


def _says(claim: Claim) -> bool:
    return claim.question.cut is not None or claim.printed.relation != "="


# One unit of the last digit

SURVIVORS: dict[str, dict[tuple[str, str], tuple[int, ...]]] = {
    # Errata of which nobody knows how the printed figure came about: they are wrong whatever they print, unless it is
    # what they should, so that a slip in the copy is not seen. Every slip in what should be printed instead is seen.
    "alexnet-paper": {("alexnet-paper", "neurons"): (1, -1)},  # 650,000; the rows add up to less, or to more
    "googlenet-table1": {
        **{(f"inception ({name})", "params"): (1, -1) for name in ("4a", "4c", "4d", "4e", "5a", "5b")},
        ("inception (3b)", "params"): (1,),  # 380K; 379K is right
        ("inception (4b)", "params"): (-1,),  # 437K; 438K is right
    },
    "mobilenet-v1-table1": {("Conv dw / s2", "stride"): (1,)},  # 2; 1 is right
    "mobilenet-v1-table10": {("Inception V3", "Million Mult-Adds"): (1, -1)},  # a quotation, rounded
    "mobilenet-v1-table2": {("Conv 3x3", "Mult-Adds"): (1, -1)},  # 1.19 for 1.91
    "mobilenet-v1-tables4-9": {("GoogleNet", "Million Mult-Adds"): (1, -1)},  # a quotation, rounded
    "squeezenet-table1": {("maxpool8", "output"): (1, -1)},  # 13x12x512 for 13x13x512
}


def altered(claim: Claim, by: int) -> Iterator[tuple[str, Claim]]:
    """A claim with one unit of the last digit more or less: as it is printed, and in what should be printed instead."""

    def read(text: str, claim: Claim, digits: int | None) -> Printed:
        return read_printed(text, claim.question.unit, claim.question.kilo, digits)

    def slip(printed: Printed, digits: int | None) -> str | None:
        try:
            return bumped(printed.text, digits, by)
        except ValueError:
            return None

    if claim.printed.relation != "=":
        return
    if text := slip(claim.printed, claim.question.digits):
        gives = (other._replace(printed=read(text, other, other.question.digits)) for other in claim.gives)
        yield "printed", claim._replace(printed=read(text, claim, claim.question.digits), gives=tuple(gives))
    if claim.instead and (text := slip(claim.instead, None)):
        yield "instead", claim._replace(instead=read(text, claim, None))


@pytest.mark.parametrize("by", [1, -1], ids=["more", "less"])
@pytest.mark.parametrize("name", BUNDLED)
def test_one_unit_of_the_last_digit_is_seen(name: str, by: int) -> None:
    """Each figure that is altered by one unit of its last digit is wrong, but for the survivors, which do survive."""
    slips = [slip for claim in table(name).claims for slip in altered(claim, by)]
    found = check(table(name)._replace(claims=tuple(claim for _, claim in slips)))
    survivors = {
        (f.claim.row, f.claim.column, kind) for (kind, _), f in zip(slips, found, strict=True) if f.verdict != "wrong"
    }
    expected = {(*cell, "printed") for cell, directions in SURVIVORS.get(name, {}).items() if by in directions}
    assert survivors == expected


def test_survivors_are_errata_without_a_cause() -> None:
    """A survivor is an erratum that says what should be printed, and that nothing gives."""
    assert set(SURVIVORS) <= set(BUNDLED)
    for name in BUNDLED:
        unexplained = {(claim.row, claim.column) for claim in table(name).claims if claim.erratum and not claim.gives}
        assert unexplained == set(SURVIVORS.get(name, {}))
        assert all(claim.instead for claim in table(name).claims if claim.erratum)


def test_a_hundred_cells_are_quick() -> None:
    """Reading and checking GoogLeNet's table, its network built anew, takes well under a second."""
    assert len(table("googlenet-table1").claims) > 100
    assert least_seconds(lambda: check(load_table(str(FOLDER / "googlenet-table1.yaml")))) < 0.5
