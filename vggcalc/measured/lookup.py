"""What was measured of a network: it must be the very network, by name and by layers, on the input that it was on."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from vggcalc.analysis.report import Report
from vggcalc.errors import Source
from vggcalc.language import bundled as specs
from vggcalc.language.index import entries
from vggcalc.measured.table import Measured, Measurement, Protocol, read_measured
from vggcalc.model import load
from vggcalc.network import Network
from vggcalc.question import split_model

if TYPE_CHECKING:
    from decimal import Decimal

FIGURES = ("top1", "top5", "top1_error", "top5_error")
"""The measured figures; each error is what the accuracy leaves of 100."""

_FOLDER = "measured"


@cache
def bundled() -> dict[str, Measured]:
    """The bundled files of measured figures, by name."""
    folder = os.path.join(specs.bundled_folder(), _FOLDER)
    if os.path.isdir(folder):
        names = os.listdir(folder)
    else:
        names = [entry.name for entry in specs.files_in_archive().joinpath(_FOLDER).iterdir()]
    files = sorted(name for name in names if name.endswith(".yaml"))
    return {
        name.removesuffix(".yaml"): read_measured(Source(f"{_FOLDER}/{name}", specs.text(f"{_FOLDER}/{name}")))
        for name in files
    }


@cache
def protocols() -> dict[str, Protocol]:
    """The protocols of all files, by name, in the order in which they are listed."""
    return {protocol.name: protocol for file in bundled().values() for protocol in file.protocols}


def found(network: Network) -> list[Measurement]:
    """All that was measured of a network alone, in the order in which it is listed."""
    base = _canonical().get(split_model(network.name)[0].lower())
    return [row for row in _by_model().get(base or "", ()) if any(_same(name, network) for name in row.names)]


def accuracy(report: Report, figure: str, under: Sequence[str]) -> Decimal | None:
    """A measured figure in percent, under the first of these protocols that has it; None where none has.

    >>> from vggcalc import load
    >>> accuracy(load("vgg16").analyse(), "top5_error", ["vgg-256"])
    Decimal('8.8')
    >>> accuracy(load("vgg16").analyse(), "top5", ["vgg-256"])
    Decimal('91.2')
    """
    rows = found(report.network)
    values = (_value(row, figure) for name in under for row in rows if row.protocol.name == name)
    return next((value for value in values if value is not None), None)


def usual(networks: Iterable[Network], figures: Sequence[str] = FIGURES) -> str:
    """The protocol under which most of the networks have one of these figures; none, "", where no network has any.

    Of several, the one under which most was measured at all.
    """
    counts: dict[str, int] = {}
    for network in networks:
        rows = (row for row in found(network) if any(_value(row, key) is not None for key in figures))
        for name in {row.protocol.name for row in rows}:
            counts[name] = counts.get(name, 0) + 1
    return max(counts, key=lambda name: (counts[name], _sizes()[name], name), default="")


@cache
def _sizes() -> dict[str, int]:
    """How much was measured under each protocol."""
    names = [row.protocol.name for file in bundled().values() for row in file.rows]
    return {name: names.count(name) for name in {*names}}


def _value(row: Measurement, figure: str) -> Decimal | None:
    if figure in row.figures:
        return row.figures[figure]
    other = figure.removesuffix("_error") if figure.endswith("_error") else f"{figure}_error"
    return 100 - row.figures[other] if other in row.figures else None


@cache
def _canonical() -> dict[str, str]:
    """The first name of each bundled network, by all its names in small letters."""
    return {name.lower(): entry.model for entry in entries() for name in entry.names}


@cache
def _by_model() -> dict[str, list[Measurement]]:
    """What was measured of one network alone, by its first name."""
    rows: dict[str, list[Measurement]] = {}
    for file in bundled().values():
        for row in file.rows:
            for model in {_canonical()[split_model(name)[0].lower()] for name in row.names}:
                rows.setdefault(model, []).append(row)
    return rows


def _same(name: str, network: Network) -> bool:
    other = _network(name)
    if network.input_shapes != other.input_shapes or len(network.nodes) != len(other.nodes):
        return False
    return all(
        (a.layer, a.inputs, a.shares) == (b.layer, b.inputs, b.shares)
        for a, b in zip(network.nodes, other.nodes, strict=True)
    )


@cache
def _network(name: str) -> Network:
    model = load(name)
    return model.question.of(model.network)
