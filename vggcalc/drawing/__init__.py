"""Pictures in SVG: a canvas, and what is drawn on it; the kinds of pictures of a network, and how they are written."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from vggcalc.errors import Problem, UsageError
from vggcalc.record import Record

if TYPE_CHECKING:
    from vggcalc.analysis.report import Report
    from vggcalc.figures import Depth

__all__ = ["FORMATS", "KINDS", "Form", "Picture", "of_file"]


class Picture(Record):
    """A kind of picture: its texts by their formats, from a report and a depth; whether blocks can be folded in it."""

    texts: Mapping[str, Callable[[Report, Depth], str]]
    folds: bool = False

    @property
    def formats(self) -> list[str]:
        """The formats that it can be written in: those of its texts, and what is made of one of them."""
        return [name for name, form in FORMATS.items() if (form.made_of or name) in self.texts]

    def text(self, report: Report, depth: Depth, form: str) -> str:
        """The picture of a network that is not too large for one."""
        from vggcalc.drawing.limits import check_layers

        check_layers(report)
        return self.texts[FORMATS[form].made_of or form](report, depth)


class Form(Record):
    """A format of files: the ends of their names, the bytes of a text, and of which format that is, if of another."""

    endings: tuple[str, ...]
    encode: Callable[[str], bytes] = str.encode
    made_of: str = ""


def _graph(report: Report, depth: Depth) -> str:
    from vggcalc.drawing.graph.boxes import depth_of
    from vggcalc.drawing.graph.picture import graph_picture

    return graph_picture(report, depth_of(report, depth))


def _dot(report: Report, depth: Depth) -> str:
    from vggcalc.drawing.graph.boxes import depth_of
    from vggcalc.drawing.graph.written import dot

    return dot(report, depth_of(report, depth))


def _mermaid(report: Report, depth: Depth) -> str:
    from vggcalc.drawing.graph.boxes import depth_of
    from vggcalc.drawing.graph.written import mermaid

    return mermaid(report, depth_of(report, depth))


def _fields(report: Report, depth: Depth) -> str:
    from vggcalc.drawing.fields import network_picture

    return network_picture(report, (), None)


def _memory(report: Report, depth: Depth) -> str:
    from vggcalc.drawing.memory import memory_picture

    return memory_picture(report)


def _shares(report: Report, depth: Depth) -> str:
    from vggcalc.drawing.shares import shares_picture

    return shares_picture(report, depth)


def _volumes(report: Report, depth: Depth) -> str:
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
    "graph": Picture({"svg": _graph, "dot": _dot, "mermaid": _mermaid}, folds=True),
    "volumes": Picture({"svg": _volumes}),
    "memory": Picture({"svg": _memory}),
    "shares": Picture({"svg": _shares}, folds=True),
    "rf": Picture({"svg": _fields}),
}
"""The kinds of pictures of a network."""

FORMATS = {
    "svg": Form((".svg",)),
    "dot": Form((".dot", ".gv")),
    "mermaid": Form((".mmd", ".mermaid")),
    "png": Form((".png",), _by_library("png"), "svg"),
    "pdf": Form((".pdf",), _by_library("pdf"), "svg"),
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
