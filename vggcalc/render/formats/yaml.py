"""A program or a file of settings: everything, as JSON has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from vggcalc.render.formats import Format


def write(document: dict[str, Any], out: TextIO) -> None:
    """A mapping in the order of the document; what holds plain figures alone stands on one line."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """One that leaves nothing which a runner of a workflow takes for a command: see `printable`."""

        def represent_str(self, data: str) -> yaml.ScalarNode:
            is_safe = not any(sign in data for sign in ("\n", "::", _V1))
            return self.represent_scalar("tag:yaml.org,2002:str", data, None if is_safe else '"')

    Dumper.add_representer(str, Dumper.represent_str)
    text = yaml.dump(_plain(document), None, Dumper, default_flow_style=None, sort_keys=False, width=float("inf"))
    out.write(text.replace(_V1, r"##\x5b"))


_V1 = "##["


def _plain(value: Any) -> Any:
    """A document as the dumper knows it: lists that are made when they are read are lists."""
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, Sequence) and not isinstance(value, str) else value


FORMAT = Format("document", write, (".yaml", ".yml"))
