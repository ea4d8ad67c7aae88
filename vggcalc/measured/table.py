"""A file of measured figures: YAML text to measurements, each with the protocol that it was taken under."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from vggcalc.errors import Mark, Problem, Source, SpecError, did_you_mean
from vggcalc.reading.nodes import Entry, MapNode, TextNode, YamlNode, parse
from vggcalc.reading.reader import Reader, is_absent
from vggcalc.record import Record

if TYPE_CHECKING:
    from decimal import Decimal  # only who asks what was measured pays for it

PRINTED = ("top1", "top5", "top1_error", "top5_error")
"""Accuracies and errors in percent, as a source prints the one or the other."""

ASPECTS = ("dataset", "split", "train", "scale", "crop", "models", "averaged")
"""What a protocol says; one file says it of all its protocols, of one, or of one row."""

_ABOUT = ("measured", "source", "transcribed", "note")
_NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")


class Protocol(Record):
    """How something was measured; what a source does not say is empty.

    split: of the data set. train: what images were brought to in training, or another word for how it was trained.
    scale: what they were brought to in the test. crop: what the network saw of them. models: how many networks
    answered together. averaged: what was put together to one answer.
    """

    name: str
    source: str
    dataset: str = ""
    split: str = ""
    train: str = ""
    scale: str = ""
    crop: str = ""
    models: str = ""
    averaged: str = ""


class Measurement(Record):
    """Figures of one network under a protocol, as printed, by their keys.

    row: what the source calls it. what: the bundled network, or several that answered together. names: the bundled
    names of the one network; none where there were several.
    """

    row: str
    what: str
    names: tuple[str, ...]
    protocol: Protocol
    figures: Mapping[str, Decimal]
    mark: Mark


class Measured(Record):
    """A file of measured figures; `source` says where they are printed, `transcribed` who copied them."""

    title: str
    source: str
    transcribed: str
    note: str
    protocols: tuple[Protocol, ...]
    rows: tuple[Measurement, ...]


def read_measured(source: Source) -> Measured:
    """The measured figures that a text holds.

    Raises: SpecError with every fault of it.
    """
    reader = Reader()
    node = parse(source, reader.problems)
    if node is None:
        nothing = Problem(
            "there is nothing measured here", "write measured: TITLE", Mark(source, 1, 1), code="bad-claim"
        )
        raise SpecError(reader.problems or nothing)
    top = reader.mapping(node, "the file")
    needed = ("measured", "source", "transcribed", "protocols", "columns", "rows")
    reader.keys(top, "a file of measured figures", (*_ABOUT, *ASPECTS, *needed[3:]), needed)
    said = [reader.text(top.entries.get(key), f"'{key}'") for key in _ABOUT]
    of_all = _aspects(reader, top.entries)
    protocols: dict[str, Protocol] = {}
    if "protocols" in top.entries:
        for name, entry in reader.mapping(top.entries["protocols"].value, "'protocols'").entries.items():
            own = reader.mapping(entry.value, f"protocol '{name}'")
            reader.keys(own, f"protocol '{name}'", ASPECTS)
            protocols[name] = Protocol(name, said[0])._replace(**of_all | _aspects(reader, own.entries))
    rows = _rows(reader, top, protocols)
    if reader.problems:
        raise SpecError(reader.problems)
    return Measured(said[0], said[1], said[2], said[3], tuple(protocols.values()), tuple(rows))


def _aspects(reader: Reader, entries: Mapping[str, Entry]) -> dict[str, str]:
    return {key: reader.text(entries[key], f"'{key}'") for key in ASPECTS if key in entries}


def _rows(reader: Reader, top: MapNode, protocols: Mapping[str, Protocol]) -> list[Measurement]:
    columns = [column.text for column in reader.texts(top.entries.get("columns"), "'columns'")]
    known = ("row", "model", "protocol", *ASPECTS, *PRINTED)
    for column in columns:
        if column not in known:
            reader.fault(
                f"there is no column '{column}'",
                did_you_mean(column, known),
                top.entries["columns"].mark,
                code="unknown-key",
            )
    rows = reader.sequence(top.entries["rows"].value, "'rows'").items if "rows" in top.entries else []
    found = (_row(reader, columns, row, protocols) for row in rows)
    return [row for row in found if row is not None]


def _row(
    reader: Reader, columns: Sequence[str], node: YamlNode, protocols: Mapping[str, Protocol]
) -> Measurement | None:
    cells = reader.sequence(node, "a row").items
    if len(cells) != len(columns):
        message = f"this row has {len(cells)} cells, but there are {len(columns)} columns"
        reader.fault(message, "write ~ where nothing is printed", node.mark, code="bad-claim")
        return None
    given = {key: cell for key, cell in zip(columns, cells, strict=True) if not is_absent(cell)}
    words = {key: reader.text(Entry(cell.mark, cell), f"'{key}'") for key, cell in given.items() if key not in PRINTED}
    name = words.get("protocol", "")
    if name not in protocols:
        hint = did_you_mean(name, protocols)
        reader.fault(f"there is no protocol '{name}'", hint, node.mark, code="unknown-name")
        return None
    from decimal import Decimal

    figures: dict[str, Decimal] = {}
    for key in PRINTED:
        if key in given and (text := _percent(reader, key, given[key])):
            figures[key] = Decimal(text)
    what = words.get("model", "")
    is_one = not re.search(r" \+ |^[0-9]+ x ", what)
    names = tuple(part.strip() for part in what.split(" = ")) if is_one else ()
    protocol = protocols[name]._replace(**{key: words[key] for key in ASPECTS if key in words})
    return Measurement(words.get("row", what), what, names, protocol, figures, node.mark)


def _percent(reader: Reader, key: str, cell: YamlNode) -> str:
    """A figure as it is printed, from 0 to 100; empty, with a problem, for what is none."""
    text = cell.text if isinstance(cell, TextNode) else ""
    if _NUMBER.fullmatch(text) and float(text) <= 100:
        return text
    reader.fault(f"'{text}' is no {key} in percent", "write it as in 71.592", cell.mark, code="bad-claim")
    return ""
