"""The picture of several networks side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import Any

from vggcalc.analysis.compare import Branch, Line, stages
from vggcalc.analysis.report import Report, Row
from vggcalc.conventions.convention import Counts
from vggcalc.figures import FIGURES, Depth, Figure, Selection, as_counted, count_of, type_text
from vggcalc.render.cells import cell, data, text_in
from vggcalc.render.columns import chosen, heading, key_of
from vggcalc.render.compared_blocks import blocks_sheet
from vggcalc.render.machine import report_document
from vggcalc.render.report import bytes_text, notes
from vggcalc.render.sheet import Column, Sheet
from vggcalc.render.view import WHOLE, View, choose
from vggcalc.units import byte_text, difference, ratio

TOTALS = ("params", "macs", "activations_bytes", "forward_bytes", "layers")
DIFFERENCES = ("params", "macs", "activations")
_KEEP = {"layers": 1}
"""The figures that one compares, those of which one looks at the difference, and what a narrow terminal leaves out."""

_MODEL = Column("model", "model", right=False, keep=0, style="bold")

ADDED = "+: what a network has beyond the first"
LONGEST_BLOCK = 24
LONGEST_STAGE = 8
"""A stage of more lines than this is shortened by writing what repeats once."""


def compare_sheets(
    reports: Sequence[Report],
    counts: Sequence[Counts | None] = (),
    view: View = WHOLE,
    depth: Depth = None,
    protocol: str | None = None,
) -> list[Sheet]:
    """The layers or blocks side by side, the totals, and each network against the first.

    protocol: under which accuracies were measured, or several, `a,b`.
    """
    layers = layers_sheet(reports) if depth is None else blocks_sheet(reports, depth)
    sheets = [layers, totals_sheet(reports, counts, view, protocol), *_measured_sheets(reports, view, protocol)]
    return [*sheets, differences_sheet(reports, view.columns)] if len(reports) > 1 else sheets


def _measured_sheets(reports: Sequence[Report], view: View, protocol: str | None) -> list[Sheet]:
    """What else was measured in the same place, where accuracies are asked for."""
    keys = _measured_keys(chosen_figures(as_counted(reports[0]), View(view.columns)))
    if not keys:
        return []
    from vggcalc.render.measured import chosen_protocols, measured_sheet

    more = measured_sheet(reports, chosen_protocols(reports, keys, protocol))
    return [] if more is None else [more]


def _measured_keys(keys: Iterable[str]) -> list[str]:
    return [key for key in keys if FIGURES[key].measured]


def compare_document(
    reports: Sequence[Report],
    counts: Sequence[Counts | None] = (),
    columns: str | None = None,
    protocol: str | None = None,
) -> dict[str, Any]:
    """The same as data: of each network what `show` gives, and the totals that are asked for."""
    models = []
    for report, found in zip_longest(reports, counts):
        document = report_document(report, found)
        if columns is not None:
            of = as_counted(report, *(found or ()))
            keys = chosen_figures(of, View(columns))
            if measured := _measured_keys(keys):
                of = _measured_under(of, names := _protocols(reports, measured, protocol))
                document |= _measured_document(report, measured, names)
            values = ((key, data(FIGURES[key].value(of))) for key in keys)
            document["totals"] |= {key: value for key, value in values if key not in document["totals"]}
        models.append(document)
    return {"models": models}


def layers_sheet(reports: Sequence[Report]) -> Sheet:
    """Table 1 of the VGG paper: one column a network, stages aligned by the map that they work on.

    The poolings that end a stage stand in one line, and what a network has beyond the first is marked.
    """
    columns = [Column("map", "map", right=False, keep=0, style="dim")]
    columns += [Column(report.model, report.model, right=False, keep=0, tone=_is_added) for report in reports]
    rows: list[list[str]] = []
    for stage in stages(reports):
        lists = [shortened(_units(own)) for own in stage.lines]
        lists = [lists[0], *(_marked(own, lists[0]) for own in lists[1:])]
        lines = list(zip_longest(*lists, fillvalue=""))
        if any(stage.pools):
            lines.append(tuple(type_text(pool) if pool else "" for pool in stage.pools))
        for number, cells in enumerate(lines):
            label = "x".join(map(str, stage.spatial)) if number == 0 else ""
            rows.append([label, *cells])
    notes = [ADDED] if any(isinstance(cell, _Added) for row in rows for cell in row) else []
    return Sheet(columns, rows, title="Layers by the map that they work on", notes=notes, is_chosen=True)


class _Added(str):
    """A line that a network has beyond the first; the paper prints such in bold."""

    __slots__ = ()


def _is_added(line: str) -> str:
    return "added" if isinstance(line, _Added) else ""


def _units(lines: Sequence[Line]) -> list[str]:
    """What repeats as a whole: a layer, or all branches of a module, each on a line of its own."""
    units: list[str] = []
    for line in lines:
        if isinstance(line, Branch) and line.number > 1:
            units[-1] += f"\n{_line_text(line)}"
        else:
            units.append(_line_text(line))
    return units


def _line_text(line: Line) -> str:
    """A layer as papers write it; of a module, the number and the layers of a branch."""
    return f"{line.number}| {_branch_text(line)}" if isinstance(line, Branch) else type_text(line)


def _branch_text(branch: Branch) -> str:
    """The layers of a branch in one line, with branches inside of it in brackets."""
    return ", ".join(
        f"({' | '.join(map(_branch_text, step))})"
        if isinstance(step, tuple) and not isinstance(step, Row)
        else type_text(step)
        for step in branch.steps
    )


def _marked(lines: Sequence[str], first: Sequence[str]) -> list[str]:
    """The lines of a stage, with those marked that the first network does not have, where they have any in common."""
    from difflib import SequenceMatcher

    blocks = SequenceMatcher(None, first, lines, False).get_matching_blocks()
    same = {place for block in blocks for place in range(block.b, block.b + block.size)}
    return [_Added(f"+{line}") if same and place not in same else line for place, line in enumerate(lines)]


def totals_sheet(
    reports: Sequence[Report], counts: Sequence[Counts | None] = (), view: View = WHOLE, protocol: str | None = None
) -> Sheet:
    """One line for each network: some totals, with what other conventions count, or the figures that are asked for."""
    asked = [found or Counts() for found in counts] or [Counts()] * len(reports)
    networks = [as_counted(report, *found) for report, found in zip(reports, asked, strict=True)]
    keys = chosen_figures(networks[0], view)
    pairs = ((report, found) for report, each in zip(reports, asked, strict=True) for found in each.asked)
    own = [f"{report.model}: {note}" for report in reports for note in report.network.notes]
    if measured := _measured_keys(keys):
        from vggcalc.render.measured import protocol_notes

        names = _protocols(reports, measured, protocol)
        networks = [_measured_under(of, names) for of in networks]
        own += protocol_notes(reports, measured, names)
    said = dict.fromkeys([*own, *(note for report, found in pairs for note in notes(report, found))])
    figures = (_column(key, asked[0])._replace(is_usual=is_shown) for key, is_shown in keys.items())
    return Sheet(
        [_MODEL, *figures],
        [[of.report.model, *(cell(FIGURES[key], FIGURES[key].value(of)) for key in keys)] for of in networks],
        title="Totals",
        notes=list(said),
        is_totals=True,
        is_chosen=True,
    )


def _protocols(reports: Sequence[Report], keys: Sequence[str], asked: str | None) -> list[str]:
    from vggcalc.render.measured import chosen_protocols

    return chosen_protocols(reports, keys, asked)


def _measured_under(of: Selection, names: Sequence[str]) -> Selection:
    return of._replace(conventions={**of.conventions, "accuracy": ",".join(names)})


def _measured_document(report: Report, keys: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    """The protocols that a network's figures are from."""
    from vggcalc.measured import protocols
    from vggcalc.render.measured import protocol_document, under

    return {"protocols": [protocol_document(protocols()[name]) for name in under(report, keys, names)]}


def chosen_figures(of: Selection, view: View) -> dict[str, bool]:
    """The keys of the figures of a comparison, and whether each is shown; the models are always named."""
    known = [key for key, figure in FIGURES.items() if not figure.counted or figure.counted in of.conventions]
    usual = [*TOTALS, *(key for key in known if FIGURES[key].counted and _is_usual(key, of))]
    keys = chosen(view, [_MODEL.key, *known], usual)
    keys.pop(_MODEL.key, None)
    return keys


def _is_usual(key: str, of: Selection) -> bool:
    """Of memory the bytes are shown, or the values of a count that is no memory."""
    if FIGURES[key].counted != "memory":
        return True
    has_bytes = count_of(of, "memory", of.conventions["memory"]).convention.bytes_each != 0
    return has_bytes == (FIGURES[key].unit == "bytes")


def _column(key: str, counts: Counts) -> Column:
    figure = FIGURES[key]
    if key == "memory_bytes" and counts.memory is not None:
        convention = counts.memory.convention
        return Column(key, counts.heading(counts.memory), lambda value: bytes_text(value, convention), keep=0)
    return Column(key, heading(figure, counts), text_in(figure), keep=_KEEP.get(key, 0))


def differences_sheet(reports: Sequence[Report], columns: str | None = None) -> Sheet:
    """Each network against the first: how much more, and how many times."""
    networks = list(map(as_counted, reports))
    known = [_MODEL.key, *FIGURES]
    keys = [key for key in choose(columns, lambda asked: key_of(asked, known), DIFFERENCES) if key != _MODEL.key]
    figures = [
        FIGURES[key]
        for key in keys
        if FIGURES[key].unit not in ("axes", "shape", "percent") and not FIGURES[key].counted
    ]
    shown = [_MODEL]
    for figure in figures:
        shown.append(Column(figure.key, figure.heading, _difference_in(figure), keep=0))
        shown.append(Column(f"{figure.key}_ratio", "ratio", keep=3))
    first, *others = ([figure.value(of) for figure in figures] for of in networks)
    rows = [
        [report.model, *(cell for value, base in zip(values, first, strict=True) for cell in _against(value, base))]
        for report, values in zip(reports[1:], others, strict=True)
    ]
    return Sheet(shown, rows, f"Against {reports[0].model}", is_totals=True, is_chosen=True)


def _against(value: object, base: object) -> tuple[int | None, str]:
    """How much more, and how many times."""
    if not isinstance(value, int) or not isinstance(base, int):
        return None, ""
    return value - base, ratio(value, base)


def _difference_in(figure: Figure) -> Callable[[int | None], str]:
    def text(value: int | None) -> str:
        if value is None:
            return "unknown"
        return f"{'+' * (value > 0)}{byte_text(value)}" if figure.unit == "bytes" else difference(value)

    return text


def shortened(units: Sequence[str]) -> list[str]:
    """The lines of a stage; of a long one, what repeats is written once, in brackets with how often, as papers do."""
    if sum(unit.count("\n") + 1 for unit in units) <= LONGEST_STAGE:
        return "\n".join(units).split("\n") if units else []
    short: list[str] = []
    index = 0
    while index < len(units):
        length, times = _repetition(units, index)
        if times > 1:
            later = _repetition(units, index + 1)
            if later[0] > 1 and later[0] * later[1] >= length * times:  # the block begins further down
                length, times = 1, 1
        block = "\n".join(units[index : index + length]).split("\n")
        if times > 1 and len(block) == 1:
            short.append(f"{block[0]} x{times}")
        elif times > 1:
            short += [f"[{block[0]}", *(f" {line}" for line in block[1:-1]), f" {block[-1]}] x{times}"]
        else:
            short += block
        index += length * times
    return short


def _repetition(lines: Sequence[str], start: int) -> tuple[int, int]:
    """The block that begins here and repeats over the most lines, as (its length, how often)."""
    best = (1, 1)
    for length in range(1, min(LONGEST_BLOCK, (len(lines) - start) // 2) + 1):
        times = 1
        block = lines[start : start + length]
        while lines[start + times * length : start + (times + 1) * length] == block:
            times += 1
        if times > 1 and length * times > best[0] * best[1]:
            best = (length, times)
    return best
