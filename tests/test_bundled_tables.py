"""The bundled tables: all green, each with a source, and a figure that is off by one of its last digit is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from clock import least_seconds
from documents import ROOT
from test_printed import bumped

from vggcalc import SpecError
from vggcalc.claims import Claim, Finding, Printed, Table, check, load_table, read_printed, read_table
from vggcalc.errors import Source

FOLDER = ROOT / "specs" / "published"
BUNDLED = sorted(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def table(name: str) -> Table:
    """A bundled table."""
    return load_table(str(FOLDER / f"{name}.yaml"))


@cache
def findings(name: str) -> list[Finding]:
    """The findings on a bundled table."""
    return check(table(name))


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
def test_every_cell_is_there(name: str) -> None:
    """A table says how many figures the print has and how many errata are known, and so cannot lose one unseen."""
    text = (FOLDER / f"{name}.yaml").read_text("utf-8")
    (cells,) = re.findall("^cells: ([0-9]+)$", text, re.M)
    assert len(findings(name)) == int(cells) > 0
    assert [str(sum(bool(claim.erratum) for claim in table(name).claims))] == (
        re.findall("^errata: ([0-9]+)$", text, re.M) or ["0"]
    )
    more = text.replace(f"\ncells: {cells}\n", f"\ncells: {int(cells) + 1}\n")
    with pytest.raises(
        SpecError, match=f"the table has {cells} cells, not {int(cells) + 1}; is a figure lost or added"
    ):
        read_table(Source("t.yaml", more))


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
def test_a_table_says_whether_it_cuts(name: str) -> None:
    """A figure that is not exact is of a table, a column or a cell that says whether it rounds or cuts."""
    silent = [str(f.claim.mark) for f in findings(name) if f.verdict in ("agrees", "truncated") and not _says(f.claim)]
    assert silent == []


def _says(claim: Claim) -> bool:
    return claim.quantity.cut is not None or claim.printed.relation != "="


# One unit of the last digit


def altered(claim: Claim, by: int) -> Iterator[tuple[str, Claim]]:
    """A claim with one unit of the last digit more or less: as it is printed, and in what should be printed instead."""

    def read(text: str, claim: Claim, digits: int | None) -> Printed:
        return read_printed(text, claim.quantity.unit, claim.quantity.kilo, digits)

    def slip(printed: Printed, digits: int | None) -> str | None:
        try:
            return bumped(printed.text, digits, by)
        except ValueError:
            return None

    if claim.printed.relation != "=":
        return
    if text := slip(claim.printed, claim.quantity.digits):
        gives = (other._replace(printed=read(text, other, other.quantity.digits)) for other in claim.gives)
        yield "printed", claim._replace(printed=read(text, claim, claim.quantity.digits), gives=tuple(gives))
    if claim.instead and (text := slip(claim.instead, None)):
        yield "instead", claim._replace(instead=read(text, claim, None))


def is_unexplained(claim: Claim) -> bool:
    """Whether it is an erratum of which nobody knows how the printed figure came about.

    It is wrong whatever is printed, unless that is what should be, so that a slip in its copy is not seen. A slip in
    what should be printed instead is.
    """
    return bool(claim.erratum) and not claim.gives


@pytest.mark.slow
@pytest.mark.parametrize("by", [1, -1], ids=["more", "less"])
@pytest.mark.parametrize("name", BUNDLED)
def test_one_unit_of_the_last_digit_is_seen(name: str, by: int) -> None:
    """Each figure that is altered by one unit of its last digit is wrong, but for errata without a known cause."""
    slips = [slip for claim in table(name).claims for slip in altered(claim, by)]
    found = check(table(name)._replace(claims=tuple(claim for _, claim in slips)))
    for (kind, claim), finding in zip(slips, found, strict=True):
        if kind == "printed" and is_unexplained(claim):
            right = claim.instead and (claim.instead.value, claim.instead.sides, claim.instead.digit)
            is_right = right == (claim.printed.value, claim.printed.sides, claim.printed.digit)
            assert finding.verdict == ("wrong" if is_right else "erratum"), finding
        else:
            assert finding.verdict == "wrong", finding


@pytest.mark.parametrize("name", BUNDLED)
def test_an_erratum_has_a_cause_or_says_what_is_right(name: str) -> None:
    """Of an erratum that nothing gives, the right figure stands beside it; few figures of a table are such."""
    unexplained = [claim for claim in table(name).claims if is_unexplained(claim)]
    assert all(claim.instead for claim in unexplained)
    assert len(unexplained) <= max(3, len(table(name).claims) // 10)


@pytest.mark.slow
def test_a_hundred_cells_are_quick() -> None:
    """Reading and checking GoogLeNet's table, its network built anew, takes well under a second."""
    assert len(table("googlenet-table1").claims) > 100
    assert least_seconds(lambda: check(load_table(str(FOLDER / "googlenet-table1.yaml")))) < 0.5
