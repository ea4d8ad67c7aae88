"""Pictures in SVG: a canvas, and what is drawn on it; the kinds of pictures of a network, and how they are written."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from vggcalc.errors import Problem, UsageError
from vggcalc.record import Record

if TYPE_CHECKING:
    from vggcalc.analysis.report import Report

__all__ = ["FORMATS", "KINDS", "Form", "Picture", "of_file"]

Depth: TypeAlias = "int | Literal['auto'] | None"


class Picture(Record):
    """A kind of picture: from a report, a depth and a format to its text; whether blocks can be folded in it."""

    draw: Callable[[Report, Depth, str], str]
    folds: bool = False
    formats: tuple[str, ...] = ("svg", "png", "pdf")

    def text(self, report: Report, depth: Depth, form: str) -> str:
        """The picture of a network that is not too large for one."""
        from vggcalc.drawing.limits import check_layers

        check_layers(report)
        return self.draw(report, depth, form)


class Form(Record):
    """A format of files: the ends of their names, and the bytes of a picture's text."""

    endings: tuple[str, ...]
    encode: Callable[[str], bytes] = str.encode


def _graph(report: Report, depth: Depth, form: str) -> str:
    from vggcalc.drawing.graph.boxes import auto_depth

    at = auto_depth(report) if depth == "auto" else depth
    if form in ("dot", "mermaid"):
        from vggcalc.drawing.graph import written

        return (written.dot if form == "dot" else written.mermaid)(report, at)
    from vggcalc.drawing.graph.picture import graph_picture

    return graph_picture(report, at)


def _fields(report: Report, depth: Depth, form: str) -> str:
    from vggcalc.drawing.fields import network_picture

    return network_picture(report, (), None)


def _memory(report: Report, depth: Depth, form: str) -> str:
    from vggcalc.drawing.memory import memory_picture

    return memory_picture(report)


def _shares(report: Report, depth: Depth, form: str) -> str:
    from vggcalc.drawing.shares import shares_picture

    return shares_picture(report, depth)


def _volumes(report: Report, depth: Depth, form: str) -> str:
    from vggcalc.drawing.volumes import volumes_picture

    return volumes_picture(report)


def _by_library(name: str) -> Callable[[str], bytes]:
    """What CairoSVG makes of a picture."""

    def encoded(svg: str) -> bytes:
        try:
            import cairosvg
        except (ImportError, OSError):  # OSError: the package is there, and cairo itself is not
            hint = "pip install 'vggcalc[pictures]', or write svg"
            raise UsageError(Problem(f"{name} needs CairoSVG", hint, code="bad-output")) from None
        make = cairosvg.svg2png if name == "png" else cairosvg.svg2pdf
        made: bytes = make(bytestring=svg.encode(), **({"scale": 2} if name == "png" else {}))
        return made

    return encoded


KINDS = {
    "graph": Picture(_graph, True, ("svg", "dot", "mermaid", "png", "pdf")),
    "volumes": Picture(_volumes),
    "memory": Picture(_memory),
    "shares": Picture(_shares, True),
    "rf": Picture(_fields),
}
"""The kinds of pictures of a network."""

FORMATS = {
    "svg": Form((".svg",)),
    "dot": Form((".dot", ".gv")),
    "mermaid": Form((".mmd", ".mermaid")),
    "png": Form((".png",), _by_library("png")),
    "pdf": Form((".pdf",), _by_library("pdf")),
}
"""How pictures are written."""


def of_file(path: str | None, forms: Mapping[str, Form]) -> str:
    """The format that the end of a file's name means; SVG where there is no file, or a device or a pipe.

    Raises: UsageError where it means none.
    """
    if path is None or (os.path.exists(path) and not os.path.isfile(path)):
        return "svg"
    found = next((name for name, form in forms.items() if path.lower().endswith(form.endings)), None)
    if found is None:
        known = ", ".join(sorted(ending for form in forms.values() for ending in form.endings))
        raise UsageError(Problem(f"the name of {path} says no format", f"known are {known}", code="bad-output"))
    return found
