"""A network written down in a form that others read; the spec of it reads back to an equal network."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vggcalc.network import Network
from vggcalc.record import Record
from vggcalc.writing.spec import spec_of

__all__ = ["FORMATS", "Format", "spec_of"]


class Format(Record):
    """A form to write networks in: what it is, how its files are called, and how one is written.

    It is written layer by layer where the second argument is true, else with what repeats written once.
    """

    title: str
    endings: tuple[str, ...]
    write: Callable[[Network, bool], str]


FORMATS: Mapping[str, Format] = {"yaml": Format("a spec", (".yaml", ".yml"), spec_of)}
"""Every form by its name."""
