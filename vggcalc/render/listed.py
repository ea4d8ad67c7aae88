"""The pictures of what is bundled: models and kinds of layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.figures import FIGURES
from vggcalc.language.index import Entry
from vggcalc.layers import REGISTRY, ROLES, Layer
from vggcalc.render.machine import TOTALS, shapes_document
from vggcalc.render.sheet import Column, Sheet
from vggcalc.units import byte_text, count, short

LEGEND = (
    "K, N, S, G: the numbers that shorthand sets; field=default|other words; a bare field must be given, "
    "one in [brackets] may be left out (a pool's stride is then its kernel_size)"
)


def models_sheets(entries: Sequence[Entry]) -> list[Sheet]:
    """A line of totals for each model, by family."""
    columns = (
        Column("family", "family", right=False, keep=2, once=True),
        Column("model", "model", right=False, keep=0, style="bold"),
        Column("aliases", "also", right=False, keep=5, wraps=True),
        Column("input", "input", right=False, keep=4),
        Column("params", FIGURES["params"].heading, count, keep=0),
        Column("macs", FIGURES["macs"].heading, short, keep=6),
        Column("activations_bytes", FIGURES["activations_bytes"].heading, byte_text, keep=3),
        Column("what", "what it is", right=False, keep=1, wraps=True),
    )
    rows = [
        (
            entry.family_title,
            entry.model,
            ", ".join(entry.aliases),
            "+".join(map(str, entry.inputs.values())),
            entry.totals.params,
            entry.totals.macs,
            entry.totals.activations_bytes,
            entry.note or entry.title,
        )
        for entry in entries
    ]
    return [Sheet(columns, rows)]


def models_document(entries: Sequence[Entry]) -> dict[str, Any]:
    """The same as data."""
    return {
        "models": [
            {
                "model": entry.model,
                "aliases": list(entry.aliases),
                "family": entry.family,
                "title": entry.title,
                "source": entry.source,
                "note": entry.note,
                "input": shapes_document(entry.inputs),
                "totals": {key: getattr(entry.totals, key) for key in TOTALS},
            }
            for entry in entries
        ]
    }


def kinds_sheets() -> list[Sheet]:
    """Every kind of layer with its shorthand and its fields."""
    columns = (
        Column("kind", "kind", right=False, keep=0, style="bold"),
        Column("role", "role", right=False, keep=4),
        Column("shorthand", "shorthand", right=False, keep=3),
        Column("fields", "fields and their defaults", right=False, keep=2, wraps=True),
        Column("what", "what it is", right=False, keep=1, wraps=True),
    )
    rows = [(kind, cls.role, _shorthand(cls), _fields(cls), _summary(cls)) for kind, cls in _kinds()]
    roles = dict.fromkeys(cls.role for _, cls in _kinds())
    said = "; ".join(f"{role}, {ROLES[role]}" for role in roles)
    return [Sheet(columns, rows, notes=[LEGEND, f"roles: {said}"])]


def kinds_document() -> dict[str, Any]:
    """The same as data."""
    return {
        "layers": [
            {
                "kind": kind,
                "role": cls.role,
                "shorthand": _shorthand(cls),
                "fields": [
                    {"name": name, "expected": check.expected, "required": name not in cls.defaults}
                    | ({"default": cls.defaults[name]} if name in cls.defaults else {})
                    for name, check in cls.checks.items()
                ],
                "summary": _summary(cls),
            }
            for kind, cls in _kinds()
        ]
    }


def _kinds() -> list[tuple[str, type[Layer]]]:
    """All kinds but the input, those of one role together."""
    kinds = [(kind, cls) for kind, cls in REGISTRY.items() if kind != "input"]
    order = list(ROLES)
    return sorted(kinds, key=lambda entry: order.index(entry[1].role))


def _shorthand(cls: type[Layer]) -> str:
    """The kind with letters for the numbers that it takes: convK-N/S."""
    dashed = f"-{'N' if cls.dashed.startswith('out_') else 'G'}" if cls.dashed else ""
    return f"{cls.kind}{'K' if cls.glued else ''}{dashed}{'/S' if 'stride' in cls.checks else ''}"


def _fields(cls: type[Layer]) -> str:
    """The fields in the order of the class, with their defaults; in brackets what may be left out without one."""
    return ", ".join(_field(cls, name) for name in cls.checks)


def _field(cls: type[Layer], name: str) -> str:
    if name not in cls.defaults:
        return name
    default = cls.defaults[name]
    if default is None:
        return f"[{name}]"
    others = [word for word in cls.checks[name].words if word != default]
    return f"{name}={'|'.join((_yaml(default), *others))}"


def _yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _summary(cls: type[Layer]) -> str:
    return (cls.__doc__ or "").splitlines()[0].rstrip(".")
