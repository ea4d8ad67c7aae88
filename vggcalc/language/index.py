"""The index: what the bundled models are called and what they come to, kept in a file beside their specs.

Analysing them all would take seconds. The file holds a checksum of each spec that it speaks of, and a family whose text
has changed since is analysed anew. That its figures are those of the engine as it is, a test proves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from zlib import crc32

from vggcalc.analysis import Totals, analyse
from vggcalc.language import bundled
from vggcalc.language.family import Family
from vggcalc.record import Record
from vggcalc.shape import Shape

FILE = "index.json"


class Entry(Record):
    """A bundled model: its family, its names, what its spec says of it, its inputs and its totals."""

    family: str
    family_title: str
    model: str
    aliases: tuple[str, ...]
    title: str
    source: str
    note: str
    inputs: dict[str, Shape]
    totals: Totals

    @property
    def names(self) -> tuple[str, ...]:
        """All that it can be asked for by."""
        return (self.model, *self.aliases)


def names() -> list[str]:
    """The names and aliases of all bundled models."""
    return [name for entry in entries() for name in entry.names]


def entries() -> Iterator[Entry]:
    """All bundled models, by the name of their file and in its order."""
    for file, checksum in _checksums().items():
        kept = _kept().get(file, {})
        if kept.get("checksum") == checksum:
            yield from map(_entry, kept["models"])
        else:
            yield from _analysed(bundled.family(file))


def text() -> str:
    """What the file has to hold: a line for each model."""
    families = []
    for file, checksum in _checksums().items():
        models = ",\n".join(f"  {json.dumps(_data(entry))}" for entry in _analysed(bundled.family(file)))
        families.append(f'"{file}": {{"checksum": "{checksum}", "models": [\n{models}\n]}}')
    return "{\n" + ",\n".join(families) + "\n}\n"


def _checksums() -> dict[str, str]:
    return {file: f"{crc32(text.encode()):08x}" for file, text in sorted(bundled.texts().items())}


@cache
def _kept() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(bundled.text(FILE))
    return kept


def _analysed(family: Family) -> Iterator[Entry]:
    for variant in family.variants.values():
        report = analyse(family.build(variant, variant.name))
        network = report.network
        said = (network.title, network.source, network.note)
        inputs = dict(zip(network.input_names, network.input_shapes, strict=True))
        yield Entry(family.name, family.title, variant.name, variant.aliases, *said, inputs, report.totals)


def _data(entry: Entry) -> dict[str, Any]:
    totals = {key: value for key, value in entry.totals._asdict().items() if key != "dtype"}
    return entry._asdict() | {"inputs": {name: shape.hwc for name, shape in entry.inputs.items()}, "totals": totals}


def _entry(data: dict[str, Any]) -> Entry:
    inputs = {name: Shape(channels, tuple(spatial)) for name, (*spatial, channels) in data["inputs"].items()}
    totals = Totals(**data["totals"])
    return Entry(**data | {"aliases": tuple(data["aliases"]), "inputs": inputs, "totals": totals})
