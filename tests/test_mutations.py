"""Faults that are seeded into the engine one by one: `vggcalc check` goes red on each, or another test does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mutations import MUTATIONS, Mutation, check, run_tests, tree

LEAST = 30


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    """A copy of the package to put faults into."""
    with tree() as folder:
        yield folder


def test_there_are_enough() -> None:
    """Formulas of every room, each with a name of its own; those that no table can see are explained."""
    assert len({mutation.what for mutation in MUTATIONS}) == len(MUTATIONS)
    assert sum(bool(mutation.table) for mutation in MUTATIONS) >= LEAST
    assert all(bool(mutation.table) != bool(mutation.seen) for mutation in MUTATIONS)


@pytest.mark.slow
def test_without_a_fault_the_copy_is_green(root: Path) -> None:
    """What the faults are held against: the tables agree with the engine as it is."""
    tables = sorted({mutation.table for mutation in MUTATIONS} - {""})
    done = check(root, None, *tables)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("mutation", [m for m in MUTATIONS if m.table], ids=lambda mutation: mutation.what)
def test_a_fault_is_seen(root: Path, mutation: Mutation) -> None:
    """The table that is named for it goes red, or its network cannot be built, as its shapes no longer fit."""
    done = check(root, mutation, mutation.table)
    said = done.stdout + done.stderr
    unfit = "does not fit" in said or "different extents" in said
    assert done.returncode == 1 or (done.returncode == 2 and unfit), f"{mutation.table} does not see: {mutation.what}"
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("mutation", [m for m in MUTATIONS if m.seen], ids=lambda mutation: mutation.what)
def test_a_fault_that_no_table_sees(root: Path, mutation: Mutation) -> None:
    """The tests that are named for it fail."""
    done = run_tests(root, mutation)
    assert done.returncode == 1, f"{mutation.seen} does not see: {mutation.what}"
    assert "1 failed" in done.stdout
