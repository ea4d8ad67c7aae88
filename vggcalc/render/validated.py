"""The pictures of a validation: a line for each problem, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.errors import Problem
from vggcalc.render.machine import place_document
from vggcalc.render.sheet import Column, Sheet
from vggcalc.units import count
from vggcalc.validating import Validated

_TONES = {"error": "bad", "warning": "doubt"}

_PROBLEMS = (
    Column("place", "place", right=False, keep=0, wraps=True, least=16),
    Column("level", "level", right=False, keep=0, style="bold", tone=_TONES.__getitem__),
    Column("code", "code", right=False, keep=1),
    Column("what", "what", right=False, keep=0, wraps=True),
)
_NUMBERS = tuple(Column(key, key, count, keep=0) for key in ("files", "errors", "warnings"))


def sheets(found: Sequence[Validated]) -> list[Sheet]:
    """Every problem, where there is one, and how many."""
    rows = [(str(problem.mark), level(problem), problem.code, _said(problem)) for problem in _problems(found)]
    return [*([Sheet(_PROBLEMS, rows)] if rows else []), Sheet(_NUMBERS, [tuple(_numbers(found).values())])]


def document(found: Sequence[Validated]) -> dict[str, Any]:
    """The same as data."""
    return {
        **_numbers(found),
        "checked": [{"file": each.name, "kind": each.kind} for each in found if each.fault is None],
        "problems": [
            {
                **place_document(problem.mark, "col"),
                "level": level(problem),
                "code": problem.code,
                "message": problem.message,
                "hint": problem.hint,
            }
            for problem in _problems(found)
            if problem.mark
        ],
        "unread": [str(problem) for each in found if each.fault for problem in each.fault.problems],
    }


def level(problem: Problem) -> str:
    """How grave it is."""
    return "warning" if problem.is_warning else "error"


def _problems(found: Sequence[Validated]) -> list[Problem]:
    return [problem for each in found for problem in each.problems]


def _numbers(found: Sequence[Validated]) -> dict[str, int]:
    return {
        "files": sum(each.fault is None for each in found),
        "errors": sum(each.count(warnings=False) for each in found),
        "warnings": sum(each.count(warnings=True) for each in found),
    }


def _said(problem: Problem) -> str:
    return "; ".join(filter(None, (problem.message, problem.hint)))
