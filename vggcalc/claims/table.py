"""A table of claims: YAML text to claims with places; every fault of a file is told at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from vggcalc import bounds
from vggcalc.claims.claim import Claim, read_claim
from vggcalc.claims.printed import Printed
from vggcalc.claims.quantity import COLUMN, PRINT, ROW, Settings, quantity, read_settings, replaced
from vggcalc.claims.reckoning import figures_in
from vggcalc.errors import Mark, Problem, Source, SpecError, did_you_mean
from vggcalc.figures import FIGURES
from vggcalc.reading.files import content, decode
from vggcalc.reading.nodes import Entry, ListNode, MapNode, TextNode, YamlNode, parse, top_keys
from vggcalc.reading.reader import Reader, is_absent, said
from vggcalc.record import Record

_ABOUT = ("table", "source", "transcribed", "note")
_HOLDS = ("cells", "errata")
"""How many figures the print has, and how many of them are wrong: a table that loses a line is no longer read."""
_PARTS = ("figures", "columns", "rows", "claims", "layers")
_OWN_KEYS = ("table", "columns", "rows", "claims", "layers", "family")
"""Keys of which every table has one at its top, and a file of another kind hardly any; a spec is told what it is."""
_CELL = ("printed", "erratum", "instead", "gives")
_WORDS = ("row", "note")
"""Columns that claim nothing: what the table calls a row, and a remark."""

QUOTES = "what has commas in it needs quotes inside [ ] and { }"


class Table(Record):
    """A published table. `transcribed` says who copied what from where; `folder` is where its models' files lie."""

    title: str
    source: str
    transcribed: str
    note: str
    claims: tuple[Claim, ...]
    name: str = ""
    folder: str = ""


def load_table(path: str, name: str = "") -> Table:
    """The table in a file; messages quote it by its path, or by a name that says more.

    Raises: SpecError with every fault of the table; UsageError for a file that cannot be read.
    """
    data = content(path, "YAML file")
    return read_table(decode(name or path, data), os.path.dirname(path))


def read_table(source: Source, folder: str = "") -> Table:
    """The table that a text holds; files of models are looked for in the folder.

    Raises: SpecError with every fault of the table.
    """
    reader = Reader()
    node = parse(source, reader.problems)
    hint = "write table: TITLE, and what it claims"
    if node is None and not reader.problems:
        raise SpecError(Problem("there is no table here", hint, Mark(source, 1, 1), code="bad-claim"))
    if top_keys(source, node).isdisjoint(_OWN_KEYS):  # what stands in a file of another kind is told to nobody
        raise SpecError(Problem(f"{source.name} is no table of figures", hint, code="not-a-spec"))
    if node is None:
        raise SpecError(reader.problems)
    top = reader.mapping(node, "the table")
    if "family" in top.entries:
        hint = f"a table names it with model: {os.path.basename(source.name)}"
        raise SpecError(Problem("this is a spec of networks, not a table", hint, Mark(source, 1, 1), code="not-a-spec"))
    needed = ("table", "source", "transcribed", "columns", "rows") if {"columns", "rows"} & {*top.entries} else ()
    reader.keys(top, "a table", (*_ABOUT, *_HOLDS, *ROW, *PRINT, *_PARTS), needed)
    title, origin, transcribed, note = (reader.text(top.entries.get(key), f"'{key}'") for key in _ABOUT)
    claims = _Claims(reader, top.entries).all()
    if not claims and not reader.problems:
        reader.fault("the table claims nothing", "write columns and rows, or claims", top.mark, code="bad-claim")
    if not reader.problems:
        _count(reader, top.entries, claims)
    if reader.problems:
        raise SpecError(reader.problems)
    return Table(title or source.name, origin, transcribed, note, tuple(claims), source.name, folder)


def _count(reader: Reader, entries: Mapping[str, Entry], claims: Sequence[Claim]) -> None:
    """Hold what a table says that it holds against its claims."""
    found = {"cells": len(claims), "errata": sum(bool(claim.erratum) for claim in claims)}
    if "errata" in entries and "cells" not in entries:
        reader.fault(
            "'errata' without 'cells'", f"write cells: {len(claims)} too", entries["errata"].mark, code="bad-claim"
        )
    for key in _HOLDS if "cells" in entries and not reader.problems else ():
        told = reader.whole(entries.get(key), f"'{key}'", {}, 0)
        if told != found[key] and not reader.problems:
            mark = entries[key if key in entries else "cells"].value.mark
            hint = f"is a figure lost or added? if all are here, write {key}: {found[key]}"
            reader.fault(f"the table has {found[key]} {key}, not {told}", hint, mark, code="bad-claim")


class _Claims:
    """Reads the claims of a table, and keeps what it says of all of them and of each column."""

    def __init__(self, reader: Reader, entries: Mapping[str, Entry]) -> None:
        self.reader = reader
        self.entries = entries
        self.settings = read_settings(reader, entries, (*ROW, *PRINT))
        self.columns: dict[str, Settings] = {}
        self.faulty: set[str] = set()
        self.used: set[str] = set()
        self.figures: Mapping[str, Entry] = {}
        if "figures" in entries:
            self.figures = reader.mapping(entries["figures"].value, "'figures'").entries
            self._figures()

    def all(self) -> list[Claim]:
        """The claims of the rows, then those of the whole model, then those of single layers."""
        claims: list[Claim] = []
        if "columns" in self.entries and "rows" in self.entries:
            self._rows(claims)
        if "claims" in self.entries:
            self._named(self.entries["claims"], self.settings, "", claims)
        if "layers" in self.entries:
            for name, entry in self.reader.mapping(self.entries["layers"].value, "'layers'").entries.items():
                layer = read_settings(self.reader, {"layer": Entry(entry.mark, TextNode(name, True, entry.mark))})
                self._named(entry, self.settings | layer, name, claims)
        for name, entry in self.figures.items():
            if name not in self.used and name not in self.faulty:
                self.reader.fault(
                    f"no column and no claim is called '{name}'", "take it out, or use it", entry.mark, code="bad-claim"
                )
        return claims

    def _figures(self) -> None:
        for name, entry in self.figures.items():
            before = len(self.reader.problems)
            if name in (*ROW, *_WORDS):
                self.reader.fault(
                    f"'{name}' is a word of tables", "call the figure otherwise", entry.mark, code="bad-claim"
                )
            spec = self.reader.mapping(entry.value, f"figure '{name}'")
            self.reader.keys(spec, f"figure '{name}'", COLUMN)
            self.columns[name] = read_settings(self.reader, spec.entries)
            if len(self.reader.problems) == before and name not in FIGURES and "figure" not in spec.entries:
                near = did_you_mean(name, FIGURES)
                hint = near if near.startswith("did") else f"say what it is with figure: ...; {near}"
                self.reader.fault(f"'{name}' is no figure", hint, entry.mark, code="unknown-figure")
            if len(self.reader.problems) > before:
                self.faulty.add(name)

    def _rows(self, claims: list[Claim]) -> None:
        columns = self.reader.texts(self.entries["columns"], "'columns'")
        names = [column.text for column in columns]
        if len(columns) > bounds.TABLE_COLUMNS:
            self.reader.fault(
                f"the table has more than {bounds.TABLE_COLUMNS:,} columns",
                "split it",
                columns[bounds.TABLE_COLUMNS].mark,
                code="out-of-bounds",
            )
            return
        seen: set[str] = set()
        for column in columns:
            if column.text in seen:
                self.reader.fault(
                    f"column '{column.text}' stands twice",
                    "give each a name of its own",
                    column.mark,
                    code="duplicate-key",
                )
            elif not self._is_known(column.text):
                known = (*ROW, *_WORDS, *self.columns, *FIGURES)
                near = did_you_mean(column.text, known)
                hint = near if near.startswith("did") else "say in 'figures' what it is"
                self.reader.fault(f"there is no figure '{column.text}'", hint, column.mark, code="unknown-figure")
            seen.add(column.text)
        self.used |= seen
        for row in self.reader.sequence(self.entries["rows"].value, "'rows'").items:
            cells = self.reader.sequence(row, "a row").items
            if len(cells) == len(names):
                self._row(dict(zip(names, cells, strict=True)), claims)
            elif cells:
                message = f"this row has {_cells(len(cells))}, but there are {_cells(len(names), 'column')}"
                self.reader.fault(message, f"write ~ where nothing is printed; {QUOTES}", row.mark, code="bad-claim")

    def _row(self, cells: Mapping[str, YamlNode], claims: list[Claim]) -> None:
        given = {name: cell for name, cell in cells.items() if not is_absent(cell)}
        entries = {name: Entry(cell.mark, cell) for name, cell in given.items() if name in ROW}
        settings = read_settings(self.reader, entries, ROW)
        words = [cell.text for name in ("row", "layer", "model") if isinstance(cell := given.get(name), TextNode)]
        for name, cell in given.items():
            if name not in (*ROW, *_WORDS) and self._is_known(name):
                merged = self.settings | self.columns.get(name, {}) | settings
                self._cell(name, cell, merged, words[0] if words else "", claims)

    def _named(self, entry: Entry, settings: Settings, row: str, claims: list[Claim]) -> None:
        """The claims of a mapping from figures to what is printed of them."""
        for name, claim in self.reader.mapping(entry.value, f"'{row or 'claims'}'").entries.items():
            self.used.add(name)
            if self._is_known(name) and name not in (*ROW, *_WORDS):
                self._cell(name, claim.value, settings | self.columns.get(name, {}), row, claims)
            else:
                near = did_you_mean(name, (*self.columns, *FIGURES))
                hint = QUOTES if re.fullmatch("[0-9]{3}", name) else near
                self.reader.fault(f"there is no figure '{name}'", hint, claim.mark, code="unknown-figure")

    def _is_known(self, name: str) -> bool:
        return name in self.columns or name in FIGURES or name in ROW or name in _WORDS

    def _cell(self, name: str, node: YamlNode, settings: Settings, row: str, claims: list[Claim]) -> None:
        if is_absent(node) or name in self.faulty:
            return
        entries: dict[str, Entry] = {"printed": Entry(node.mark, node)}
        if not isinstance(node, TextNode):
            cell = self.reader.mapping(node, "a cell")
            if cell is not node:
                return
            self.reader.keys(cell, "a cell", (*_CELL, *COLUMN), ("printed",))
            entries = cell.entries
        if "printed" not in entries:
            return
        if len(claims) >= bounds.TABLE_CELLS:
            self.reader.fault(
                f"the table has more than {bounds.TABLE_CELLS:,} cells", "split it", node.mark, code="out-of-bounds"
            )
            return
        settings = replaced(settings, read_settings(self.reader, entries))
        claim = self._claim(name, entries, settings, row)
        erratum = self.reader.text(entries.get("erratum"), "'erratum'")
        for key in ("gives", "instead"):
            if key in entries and "erratum" not in entries:
                message, hint = f"'{key}' without an erratum", "say in 'erratum' what is wrong with the printed figure"
                self.reader.fault(message, hint, entries[key].mark, code="bad-claim")
        if erratum and "gives" not in entries and "instead" not in entries:
            hint = "write instead: FIGURE, the right one, or gives: ..., what gives the printed one"
            self.reader.fault("an erratum alone", hint, entries["erratum"].mark, code="bad-claim")
        gives = self._gives(name, entries, settings, row)
        instead = self._instead(name, entries, settings, row)
        if claim:
            claims.append(claim._replace(erratum=erratum, instead=instead, gives=tuple(gives)))

    def _instead(self, name: str, entries: Mapping[str, Entry], settings: Settings, row: str) -> Printed | None:
        """The right figure, of which all digits count."""
        if "instead" not in entries or "printed" not in entries:
            return None
        settings = {key: setting for key, setting in settings.items() if key != "digits"}
        claim = self._claim(name, {"printed": entries["instead"]}, settings, row)
        return claim.printed if claim else None

    def _gives(self, name: str, entries: Mapping[str, Entry], settings: Settings, row: str) -> list[Claim]:
        if "gives" not in entries:
            return []
        given = entries["gives"].value
        found = []
        for item in [given] if not isinstance(given, ListNode) else given.items:
            spec = self.reader.mapping(item, "'gives'")
            self.reader.keys(spec, "'gives'", COLUMN)
            merged = replaced(settings, read_settings(self.reader, spec.entries))
            if spec is item and (claim := self._claim(name, entries, merged, row, spec)):
                found.append(claim)
        return found

    def _claim(
        self,
        name: str,
        entries: Mapping[str, Entry],
        settings: Settings,
        row: str,
        other: MapNode | None = None,
    ) -> Claim | None:
        """A printed figure and its question; None, with problems, where either makes no sense.

        other: what another figure is, if the print is to be held against that.
        """
        node = entries["printed"].value
        mark = other.mark if other else node.mark
        if not isinstance(node, TextNode):
            self.reader.fault(
                f"'printed' is {said(node)}", "it must be the figure as it is printed", node.mark, code="wrong-type"
            )
            return None
        asked = quantity(self.reader, settings, name, mark)
        if asked and asked.arithmetic and other is None:
            hint = "write what it is reckoned from, as in 3*macs or params + buffers"
            if not figures_in(asked.arithmetic):
                self.reader.fault(
                    f"'{asked.arithmetic}' names no figure", hint, asked.mark("arithmetic"), code="unknown-figure"
                )
            elif asked.share:
                self.reader.fault(
                    f"'{asked.arithmetic}' has no shares",
                    "a share is one of a figure",
                    asked.mark("share"),
                    code="bad-claim",
                )
        return read_claim(self.reader, asked, node.text, node.mark, mark, name, row, other is not None)


def _cells(number: int, word: str = "cell") -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
