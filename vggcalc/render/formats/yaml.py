"""A program or a file of settings: everything, as JSON has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from vggcalc.render.formats import Format


def write(document: dict[str, Any], out: TextIO) -> None:
    """A mapping in the order of the document; what holds plain figures alone stands on one line."""
    import yaml

    yaml.safe_dump(_plain(document), out, default_flow_style=None, sort_keys=False, width=float("inf"))


def _plain(value: Any) -> Any:
    """A document as the dumper knows it: lists that are made when they are read are lists."""
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, Sequence) and not isinstance(value, str) else value


FORMAT = Format("document", write, (".yaml", ".yml"))
