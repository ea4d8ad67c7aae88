"""The picture of one network: its table of layers and its totals, each with its rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from vggcalc.analysis.field import Field
from vggcalc.analysis.report import Report, Row
from vggcalc.analysis.resized import Resized, resized
from vggcalc.conventions.convention import Convention, Count, Counts
from vggcalc.figures import FIGURES, Depth, Figure, as_counted, known_part, value_of
from vggcalc.layers.pool import OVERPADDED, SlidingPool
from vggcalc.render.columns import DEFAULT, NOTHING_ELSE, count_or_unknown, figure_of
from vggcalc.render.layers import layers_sheet
from vggcalc.render.sheet import Column, Sheet
from vggcalc.render.view import View
from vggcalc.shape import likelier
from vggcalc.units import axes_text, byte_text, count, megabytes, n_bytes, short

_USUAL = ("params", "params_bytes", "macs", "flops", "activations", "activations_bytes", "forward", "forward_bytes")

MOST_RESIZED = 3
"""Of more layers that have other weights at another input those that differ most are named."""

_COUNTED_AS = {"weight": "weights", "bias": "biases", "buffer": "buffers"}


def report_sheets(
    report: Report, view: View, layout: str, all_layers: bool, counts: Counts = NOTHING_ELSE, depth: Depth = None
) -> list[Sheet]:
    """The table of layers or blocks and the table of totals, with what other conventions count."""
    layers = layers_sheet(report, view, layout, all_layers, counts, depth=depth)
    return [
        layers._replace(title=heading(report)),
        totals_sheet(report, counts, [c.key for c in layers.columns if c.is_usual]),
    ]


def heading(report: Report) -> str:
    """The network's name, title, what sets it apart, and source."""
    network = report.network
    named = ": ".join(filter(None, (network.name, network.title)))
    if network.name in network.title.split():
        named = network.title
    named += f", {network.note}" if network.note else ""
    return f"{named} ({network.source})" if network.source else named


def totals_sheet(report: Report, counts: Counts, columns: Sequence[str]) -> Sheet:
    """The totals: exact, short, and how each is counted; also of the figures whose columns are shown."""
    totals, known = report.totals, report.known
    images = f"{report.batch} images" if report.batch > 1 else "an image"
    params = f"weights {count_or_unknown(known.weights)} + biases {count_or_unknown(known.biases)}"
    buffers = f"; {count(known.buffers)} more are stored but not trained" if known.buffers else ""
    macs = f"{FIGURES['macs'].definition}, for {images}"
    rows = [
        _total("params", totals.params, known.params, short, params + buffers),
        ("", "", _or_unknown(totals.params_bytes, byte_text), f"their memory as {report.dtype}"),
        _total("MACs", totals.macs, known.macs, short, macs),
        _total("FLOPs", totals.flops, known.flops, short, FIGURES["flops"].definition),
        *(
            _total(key, getattr(totals, key), getattr(known, key), partial(_values, report), FIGURES[key].definition)
            for key in ("activations", "forward")
        ),
    ]
    rows += [_figure_row(report, figure) for figure in _others(columns)]
    rows += _field_rows(report)
    rows += [_counted_row(found, counts.heading(found)) for found in counts.asked]
    shown = (
        Column("figure", "total", right=False, keep=0, style="bold"),
        Column("value", "exactly", lambda value: value if isinstance(value, str) else count(value), keep=0),
        Column("short", "short", keep=2),
        Column("rule", "how it is counted", right=False, keep=1, wraps=True),
    )
    said = [*report.network.notes, *_one_axis(report), *_overpadded(report), *_resized(report)]
    said += [note for found in counts.asked for note in notes(report, found)]
    return Sheet(shown, rows, notes=said, is_totals=True)


_TotalRow = tuple[str, "int | str", str, str]


def _total(heading: str, total: int | None, known: int | None, brief: Callable[[int], str], rule: str) -> _TotalRow:
    """A total, exactly, in short, and how it is counted; of an unknown one, what is known of it."""
    if total is None:
        return heading, "unknown", "", f"{count(known or 0)} known; {rule}"
    return heading, total, brief(total), rule


def _values(report: Report, values: int) -> str:
    return byte_text(n_bytes(values, report.dtype))


def _or_unknown(number: int | None, write: Callable[[int], str]) -> str:
    return "unknown" if number is None else write(number)


def _others(columns: Sequence[str]) -> list[Figure]:
    """The figures among some columns that have totals beside the usual ones."""
    shown = (figure_of(key) for key in columns if key not in DEFAULT)
    found = {figure.key: figure for figure in shown if figure and figure.is_total and not figure.counted}
    return [figure for key, figure in found.items() if key not in _USUAL]


def _figure_row(report: Report, figure: Figure) -> _TotalRow:
    total, known = value_of(figure, as_counted(report)), known_part(figure, as_counted(report))
    if not isinstance(total, int) and known is None:
        return figure.heading, "unknown", "", figure.definition
    brief = byte_text if figure.unit == "bytes" else short
    return _total(figure.heading, total if isinstance(total, int) else None, known, brief, figure.definition)


def _counted_row(found: Count, heading: str) -> _TotalRow:
    what = found.convention.what
    if found.total is None:
        return heading, "unknown", "", what
    brief = short(found.total) if found.total_bytes is None else memory_text(found)
    return heading, found.total, brief, what + (f"; it stands at {found.at}" if found.at else "")


def memory_text(found: Count) -> str:
    """The bytes of a count of memory, in the MB of its tool where it prints MB; empty for what is no memory."""
    return "" if found.total_bytes is None else bytes_text(found.total_bytes, found.convention)


def bytes_text(taken: int | None, convention: Convention) -> str:
    """Bytes in the unit in which a convention's tool prints them."""
    if taken is None:
        return "unknown"
    return megabytes(taken, convention.megabyte) if convention.megabyte else byte_text(taken)


def notes(report: Report, found: Count) -> list[str]:
    """What a reader of a count should know: what surprises in it at layers of this network, and what is unknown."""
    convention = found.convention
    kinds = {row.kind for row in report.rows}
    said = [f"{convention.name}: {note.text}" for note in convention.notes if not note.kinds or note.kinds & kinds]
    return [*said, *([unknown_text(found)] if found.unknown else [])]


def unknown_text(found: Count) -> str:
    """Of which kinds of layers nobody knows how they are counted."""
    return f"vggcalc does not know how {found.convention.name} counts {', '.join(found.unknown)}"


def _one_axis(report: Report) -> list[str]:
    """An input that looks like a map without its channels is one of positions; whoever meant a map shall see it."""
    named = zip(report.network.input_names, report.network.input_shapes, strict=True)
    return [
        f"{name} {shape} is no map: it has one axis of {count(shape.spatial[0])} positions with "
        f"{count(shape.channels)} channels each; a map of it with 3 channels is {meant}"
        for name, shape in named
        if len(shape.spatial) == 1 and (meant := likelier(shape))
    ]


def _overpadded(report: Report) -> list[str]:
    """Poolings that are legal here and that PyTorch refuses."""
    return [
        f"{row.name} is padded by {max(axis.before, axis.after)} with a kernel of {axis.k}: {OVERPADDED}"
        for row in report.rows
        if isinstance(row.layer, SlidingPool) and (axis := row.layer.overpadded(row.input_shapes[0]))
    ]


def _resized(report: Report) -> list[str]:
    """What has other weights at the network's own input, the layers that differ most by name."""
    found = sorted(resized(report), key=lambda layer: -abs(layer.more))
    if not found or report.declared is None:
        return []
    more = sum(layer.more for layer in found)
    named = [f"{layer.row.name} has {_tensors(layer)} there" for layer in found[:MOST_RESIZED]]
    if len(found) > MOST_RESIZED:
        named.append(f"and {len(found) - MOST_RESIZED} more")
    own = " and ".join(map(str, report.declared))
    if report.totals.params is not None:
        own += f" it has {count(report.totals.params + more)} params, "
    text = f"at its own input {own}{count(abs(more))} {'more' if more > 0 else 'fewer'}: {', '.join(named)}"
    grown = [shape.spatial for shape in report.declared] != [shape.spatial for shape in report.network.input_shapes]
    if grown and any(layer.row.layer.role == "linear" for layer in found):
        text += "; a fully connected layer grows with its map, and dense keeps its weights"
    return [text]


def _tensors(layer: Resized) -> str:
    """(7*7*3)*64 = 9,408 weights and, where they differ, the biases; what is not trained, if nothing else does."""
    differ = [tensor for tensor in layer.own if tensor not in layer.row.tensors]
    trained = [tensor for tensor in differ if tensor.counts_as != "buffer"]
    said = []
    for tensor in trained or differ:
        product = f"{tensor.arithmetic} = " if "*" in tensor.arithmetic else ""
        said.append(f"{product}{count(tensor.elements)} {_COUNTED_AS[tensor.counts_as]}")
    return " and ".join(said)


def _field_rows(report: Report) -> list[_TotalRow]:
    """The receptive field of the last layer that still has a map, against the input."""
    rows: list[_TotalRow] = []
    lost = next((row for row in report.rows if not row.is_traced), None)
    sees = "a gradient from a unit of {} reaches" if report.rows.gradient else "a unit of {} sees"
    over_map = any(node.layer is not None and node.layer.over_map for node in report.network.nodes)
    sees += " through windows" if over_map and not report.rows.gradient else ""
    found = _deepest(report)
    for name, shape in zip(report.network.input_names, report.network.input_shapes, strict=True):
        if name not in found:
            continue
        last, fields = found[name]
        size = "x".join(count(field.size) for field in fields) or "1"
        jump = axes_text([count(field.jump) for field in fields])
        wider = any(field.size > n for field, n in zip(fields, shape.spatial, strict=True))
        which = f"of {name} " if len(report.network.input_names) > 1 else ""
        rule = f"pixels {which}that {sees.format(last.name)}" + (", wider than the input" if wider else "")
        if lost is None:
            rows.append(("rf", size, f"jump {jump}", rule))
        else:
            rows.append(("rf", "unknown", "", f"{size} {rule}; nobody knows what {lost.name} sees"))
    return rows


def _deepest(report: Report) -> dict[str, tuple[Row, tuple[Field, ...]]]:
    """Of each input the last layer with a map that sees it, or where there is none the last of all; and its field."""
    seen: dict[str, tuple[Row, tuple[Field, ...]]] = {}
    on_maps: dict[str, tuple[Row, tuple[Field, ...]]] = {}
    for row in report.rows:
        if row.inputs and not row.is_elementwise:
            found = on_maps if any(size > 1 for size in row.output.spatial) else seen
            found.update({name: (row, fields) for name, fields in row.fields.items()})
    return seen | on_maps
