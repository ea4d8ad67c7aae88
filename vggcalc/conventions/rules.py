"""Rules of conventions as text: `2 macs + bias` of some kinds of layers, a table of them, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vggcalc.conventions.quantities import QUANTITIES
from vggcalc.layers import MULTIPLYING, ROLES

Rule = tuple[tuple[int, str], ...] | None
"""Terms: each how often, and the name of a quantity; None where it is unknown how the tool counts."""

UNKNOWN = "unknown"
"""The rule of a kind that its role's does not hold for, and of which nothing is known."""

OTHERS = " ".join(f"*{role}" for role in ROLES if role not in (*MULTIPLYING, "unknown"))
"""All that neither convolves nor is linear; tools that count the operators of these alone count nothing there."""

_TERM = re.compile(r"(?:(\d+) )?([a-z_]+)")


def table(*lines: tuple[str, str]) -> dict[str, Rule]:
    """A table of rules from lines of (kinds, rule).

    >>> table(("conv fc", "2 macs + bias"), ("relu", "0"))["fc"]
    ((2, 'macs'), (1, 'bias'))
    >>> table(("*norm", "0"), ("l2norm", "unknown"))
    {'*norm': (), 'l2norm': None}
    """
    rules: dict[str, Rule] = {}
    for kinds, text in lines:
        rule = _rule(text)
        for kind in kinds.split():
            if kind[0] == "*" and kind[1:] not in ("", *ROLES):
                raise ValueError(f"'{kind}' is no role; a role is one of {', '.join(ROLES)}")
            if kind in rules:
                raise ValueError(f"a table has two rules for '{kind}'")
            rules[kind] = rule
    return rules


def written(rule: Rule) -> str:
    """A rule as a table's line has it.

    >>> written(((2, "macs"), (1, "bias"))), written(((3, "out"), (-1, "positions")))
    ('2 macs + bias', '3 out - positions')
    """
    if rule is None:
        return UNKNOWN
    return joined((times, name if abs(times) == 1 else f"{abs(times)} {name}") for times, name in rule)


def joined(terms: Iterable[tuple[int, str]]) -> str:
    """Terms as a sum, each with the sign of its number; 0 for none."""
    text = "".join(f" {'-' if times < 0 else '+'} {term}" for times, term in terms)
    return text.removeprefix(" + ") or "0"


def _rule(text: str) -> Rule:
    if text == UNKNOWN:
        return None
    if text == "0":
        return ()
    first, *others = re.split(r" ([+-]) ", text)
    signs = ("+", *others[::2])
    return tuple(_term(term, sign) for term, sign in zip((first, *others[1::2]), signs, strict=True))


def _term(text: str, sign: str) -> tuple[int, str]:
    match = _TERM.fullmatch(text)
    if match is None or match[2] not in QUANTITIES:
        raise ValueError(f"'{text}' is no term of a rule; it is a number and one of {', '.join(QUANTITIES)}")
    return int(sign + (match[1] or "1")), match[2]
