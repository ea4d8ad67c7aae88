"""A network's graph as text, for Graphviz and for Mermaid, which GitHub draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vggcalc.analysis.report import Report
from vggcalc.drawing.canvas import INK, ROLES
from vggcalc.drawing.graph.boxes import Box, Boxes, boxes
from vggcalc.drawing.graph.layout import framed
from vggcalc.errors import printable
from vggcalc.paths import separator


def dot(report: Report, depth: int | None) -> str:
    """The graph in Graphviz's language."""
    found = boxes(report, depth)
    lines = [f"digraph {_quoted(report.model)} {{", '  node [shape=box, style="rounded,filled", fontname="sans-serif"]']

    def node(place: int, box: Box) -> str:
        return f'n{place} [label={_quoted(_label(box))}, fillcolor="{ROLES[box.role]}"]'

    def frame(number: int, name: str) -> tuple[str, str]:
        return f"subgraph cluster_{number} {{ label={_quoted(name)}; color=gray", "}"

    lines += _nested(found, node, frame)
    lines += [f"  n{source} -> n{target}{_dashed(found, target)}" for source, target in found.edges()]
    return "\n".join([*lines, "}", ""])


def mermaid(report: Report, depth: int | None) -> str:
    """The graph in Mermaid's language.

    >>> from vggcalc import load
    >>> print(mermaid(load("lenet5").analyse(), None).splitlines()[1])
      n0["input<br>32x32x1"]:::input
    """
    found = boxes(report, depth)

    def node(place: int, box: Box) -> str:
        label = "<br>".join(_entities(line) for line in _label(box).split("\n"))
        return f'n{place}["{label}"]:::{box.role}'

    def frame(number: int, name: str) -> tuple[str, str]:
        return f'subgraph b{number} ["{_entities(name)}"]', "end"

    lines = ["flowchart TD", *_nested(found, node, frame)]
    arrows = {True: "-->", False: "-.->"}
    lines += [f"  n{a} {arrows[found.all[b].last.works]} n{b}" for a, b in found.edges()]
    roles = dict.fromkeys(box.role for box in found.all)
    lines += [f"  classDef {role} fill:{ROLES[role]},stroke:{INK},color:{INK}" for role in roles]
    return "\n".join([*lines, ""])


def _label(box: Box) -> str:
    name, output = box.line.name, str(box.last.output)
    return "\n".join(dict.fromkeys((box.line.what, name, output, *(row.kind for row in box.followers))))


def _nested(
    found: Boxes, node: Callable[[int, Box], str], frame: Callable[[int, str], tuple[str, str]]
) -> Iterator[str]:
    """The boxes, those of a block between its beginning and its end."""
    inside: dict[tuple[str, ...], list[int]] = {}
    for place, blocks in enumerate(framed([box.within for box in found.all])):
        inside.setdefault(tuple(blocks), []).append(place)
    numbers: dict[tuple[str, ...], int] = {}
    for path in inside:
        for end in range(1, len(path) + 1):
            numbers.setdefault(path[:end], len(numbers))

    def written(blocks: tuple[str, ...]) -> Iterator[str]:
        indent = "  " * (len(blocks) + 1)
        own = [(place, node(place, found.all[place])) for place in inside.get(blocks, ())]
        yield from (indent + text for _, text in own)
        for inner in (each for each in numbers if each[:-1] == blocks):
            begin, end = frame(numbers[inner], inner[-1].rpartition(separator(inner[-1]))[2])
            yield indent + begin
            yield from written(inner)
            yield indent + end

    yield from written(())


def _dashed(found: Boxes, place: int) -> str:
    return "" if found.all[place].last.works else " [style=dashed]"


def _quoted(text: str) -> str:
    """A string of Graphviz; a backslash and a quote in a name stay what they are."""
    escaped = "\\n".join(printable(line).replace("\\", "\\\\").replace('"', '\\"') for line in text.split("\n"))
    return f'"{escaped}"'


def _entities(text: str) -> str:
    """Text of Mermaid; whatever means something there is written by its number."""
    return "".join(sign if sign.isalnum() or sign in " ./_-,()" else f"#{ord(sign)};" for sign in printable(text))
