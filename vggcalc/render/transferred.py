"""The picture of weights that are taken over from one network to another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from vggcalc.analysis.transfer import Tensor, Transfer
from vggcalc.figures import type_text
from vggcalc.layers import Weight
from vggcalc.render.sheet import Column, Sheet
from vggcalc.units import count, percent

_TONES = {"fits": "good", "other shape": "bad", "new": "added", "left": "doubt"}


def transfer_sheets(found: Sequence[Transfer]) -> list[Sheet]:
    """For each pair the layers that have weights and how each fares, and what that comes to."""
    return [sheet for each in found for sheet in (_layers(each), _sums(each))]


def transfer_document(found: Sequence[Transfer]) -> dict[str, Any]:
    """The same as data, tensor by tensor."""
    return {"transfers": [_document(each) for each in found]}


def _layers(each: Transfer) -> Sheet:
    columns = (
        Column("layer", "layer", right=False, keep=0, style="bold"),
        Column("type", "type", right=False, keep=3),
        Column("first", each.first.model, right=False, keep=2),
        Column("second", each.second.model, right=False, keep=2),
        Column("fate", "weights", right=False, keep=0, tone=lambda fate: _TONES[fate.split(",")[0]]),
        Column("params", "params", count, keep=1),
    )
    rows = [_row([*tensors]) for _, tensors in groupby(each.tensors, key=lambda tensor: tensor.row)]
    return Sheet(columns, rows, f"From {each.first.model} to {each.second.model}")


def _row(tensors: list[Tensor]) -> tuple[str, str, str, str, str, int]:
    """A layer: how its tensors fare, where not all alike each by its name."""
    row = tensors[0].row
    fates = {tensor.fate for tensor in tensors}
    fate = tensors[0].fate if len(fates) == 1 else ", ".join(f"{t.fate}, {t.name}" for t in tensors)
    params = sum(tensor.params for tensor in tensors)
    return row.name, type_text(row), _shape(tensors[0].first), _shape(tensors[0].second), fate, params


def _shape(tensor: Weight | None) -> str:
    return "x".join(map(str, tensor.shape)) if tensor else ""


def _sums(each: Transfer) -> Sheet:
    whole = each.second.totals.params
    rows = [
        ("taken over", each.params("fits"), "their layer, name and shape are the same"),
        ("trained anew", each.params("other shape", "new"), f"only {each.second.model} has them, or in another shape"),
        ("left behind", each.params("left"), f"only {each.first.model} has them"),
    ]
    columns = (
        Column("figure", "params", right=False, keep=0, style="bold"),
        Column("value", "exactly", count, keep=0),
        Column("share", f"of {each.second.model}", keep=2),
        Column("rule", "which", right=False, keep=1, wraps=True),
    )
    shares = ["" if each is rows[2] else percent(each[1], whole) for each in rows]
    table = [(name, value, share, rule) for (name, value, rule), share in zip(rows, shares, strict=True)]
    return Sheet(columns, table, is_totals=True)


def _document(each: Transfer) -> dict[str, Any]:
    return {
        "from": each.first.model,
        "to": each.second.model,
        "params": {
            "fits": each.params("fits"),
            "other shape": each.params("other shape"),
            "new": each.params("new"),
            "left": each.params("left"),
        },
        "tensors": [
            {
                "layer": tensor.row.name,
                "tensor": tensor.name,
                "from": list(tensor.first.shape) if tensor.first else None,
                "to": list(tensor.second.shape) if tensor.second else None,
                "fate": tensor.fate,
                "params": tensor.params,
            }
            for tensor in each.tensors
        ],
    }
