"""What a model reads: how large its inputs are, by the file or by the question, and where their channels stand."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from vggcalc import bounds
from vggcalc.errors import Problem, SpecError
from vggcalc.frameworks.keras.calls import Unit, fault
from vggcalc.frameworks.keras.located import Object
from vggcalc.frameworks.keras.step import FIRST, LAST, as_shape
from vggcalc.frameworks.keras.words import modern
from vggcalc.shape import Shape, fit_shape, parse_input

_INDICES = frozenset(["Embedding"])
"""Layers that read words' indices, one at each position."""


def order_of(root: Object) -> str:
    """Where a file's tensors have their channels: as the first layer says that says it."""
    waiting: list[Any] = [root]
    while waiting:
        entry = waiting.pop()
        config = entry.get("config") if isinstance(entry, Object) else None
        inner = config
        if isinstance(config, Object):
            said = modern("", config)[1].get("data_format")
            if said in (FIRST, LAST) and entry.get("class_name") != "Flatten":
                return str(said)
            inner = config.get("layers", [config.get("layer")])
        waiting += reversed(inner if isinstance(inner, list) else [])
    return LAST


def declared(unit: Unit, readers: Set[str], name: str, order: str, asked: str | None) -> tuple[Shape, int | None]:
    """The map that an input is, and which extent of the tensor its channels are; what is asked counts first.

    readers: the classes of layers that read it.

    Raises: SpecError where neither the file nor the question says how large it is; UsageError where these do not fit.
    """
    said = unit.sizes
    if said is None and asked:
        shape = parse_input(asked)
        return shape, 0 if order == FIRST else len(shape.spatial)
    channels = _channels(unit, readers, order)
    if said is not None and len(said) > 4:
        raise fault(
            unit.mark, f"'{name}' has {len(said)} axes", "there are at most three beside the channels", code="bad-file"
        )
    if said is not None and max((size or 1 for size in said), default=1) > bounds.FIELD:
        hint = f"an input has at most {bounds.FIELD:,} values along an axis"
        raise fault(unit.mark, f"'{name}' has too many values along an axis", hint, code="bad-value")
    if said is not None and (asked or None not in said):
        shape = as_shape([size or 1 for size in said], channels)
        return (fit_shape(asked, shape) if asked else shape), channels
    known = said or (None, None, 3)
    places = [place for place in range(len(known)) if place != channels]
    extents = [known[place] for place in (places if channels is None else [*places, channels])]
    hint = f"say its input, as in {'x'.join(str(size or 224) for size in extents)}" + "x1" * (channels is None)
    raise SpecError(Problem(f"the file does not say how large '{name}' is", hint, unit.mark, code="missing-key"))


def _channels(unit: Unit, readers: Set[str], order: str) -> int | None:
    """None for indices of words, and for a single number."""
    rank = 3 if unit.sizes is None else len(unit.sizes)
    if rank == 0 or (readers and readers <= _INDICES):
        return None
    return 0 if order == FIRST else rank - 1
