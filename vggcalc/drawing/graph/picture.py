"""A network's graph as a picture: boxes with shapes and figures, blocks as frames, skips in lanes."""

from __future__ import annotations

from vggcalc.analysis.report import Report
from vggcalc.drawing.canvas import GRID, INK, MARGIN, ROLES, SOFT, Canvas, fitted, text_width
from vggcalc.drawing.graph.boxes import Box, Boxes, boxes, details, summary
from vggcalc.drawing.graph.layout import Frame, Layout, Placed, framed, layout
from vggcalc.drawing.limits import check_parts
from vggcalc.paths import separator
from vggcalc.units import count

LINE = 14
TOP = 58
"""The room of the title."""


def graph_picture(report: Report, depth: int | None) -> str:
    """The graph of a network as SVG, blocks of this depth in one box each; None for every layer."""
    found = boxes(report, depth)
    check_parts(report, len(found.all) + sum(len(box.reads) for box in found.all), "boxes and lines")
    blocks = framed([box.within for box in found.all])
    texts = [_texts(box, own[-1] if own else "") for box, own in zip(found.all, blocks, strict=True)]
    plan = layout([_extents(lines) for lines in texts], [box.reads for box in found.all], found.outputs, blocks)
    canvas = Canvas()
    _title(canvas, found)
    for frame in plan.frames:
        _frame(canvas, frame, plan)
    for route in plan.routes:
        box = found.all[route.target]
        points = [(x + MARGIN, y + TOP) for x, y in route.points]
        dashes = "" if box.last.works else ' stroke-dasharray="4 3"'
        canvas.path(points, f'stroke="{SOFT}" stroke-width="1.3"{dashes}')
        _head(canvas, points[-1])
    for box, lines, placed in zip(found.all, texts, plan.boxes, strict=True):
        _box(canvas, box, lines, placed._replace(x=placed.x + MARGIN, y=placed.y + TOP))
    return canvas.svg(f"{report.model}: the graph")


def _texts(box: Box, frame: str) -> list[str]:
    """What stands in a box: the layer, its name in the frame, the map that it gives, its cost, what sits in it."""
    name = box.line.name
    own = name[len(frame) + 1 :] if frame and box.line.times == 1 else name
    lines = [box.line.what, str(box.last.output) if own == box.line.what else f"{own}  {box.last.output}"]
    lines += [line] if (line := summary(box)) else []
    lines += [", ".join(row.kind for row in box.followers)] if box.followers else []
    return lines


def _extents(lines: list[str]) -> tuple[float, float]:
    return max(text_width(line, 10 if number else 12) for number, line in enumerate(lines)) + 12, LINE * len(lines) + 8


def _title(canvas: Canvas, found: Boxes) -> None:
    report = found.report
    canvas.text(MARGIN, 26, report.network.title or report.model, 16, bold=True)
    params, macs = report.totals.params, report.totals.macs
    said = [report.model, f"{'unknown' if params is None else count(params)} params"]
    said.append(f"{'unknown' if macs is None else count(macs)} MACs")
    if found.depth is not None:
        said.append(f"{count(len(report.rows))} layers, drawn to depth {found.depth}")
    canvas.text(MARGIN, 44, ", ".join(said), 12, SOFT)


def _frame(canvas: Canvas, frame: Frame, plan: Layout) -> None:
    at = frame.placed
    style = f'rx="7" fill="none" stroke="{GRID}" stroke-width="1.2"'
    canvas.rect(at.x + MARGIN, at.y + TOP, at.width, at.height, style)
    name = frame.block.rpartition(separator(frame.block))[2]
    canvas.text(at.x + MARGIN + 6, at.y + TOP + 12, fitted(name, 10, at.width - 12), 10, SOFT)


def _head(canvas: Canvas, at: tuple[float, float]) -> None:
    x, y = at
    canvas.polygon([(x - 3.5, y - 6), (x + 3.5, y - 6), (x, y)], f'fill="{SOFT}"')


def _box(canvas: Canvas, box: Box, lines: list[str], at: Placed) -> None:
    with canvas.group(details(box)):
        style = f'rx="5" fill="{ROLES[box.role]}" stroke="{INK}" stroke-width="{1.4 if box.line.times > 1 else 0.7}"'
        if box.line.times > 1:  # a pile of them
            canvas.rect(at.x + 4, at.y + 4, at.width, at.height, style)
        canvas.rect(at.x, at.y, at.width, at.height, style + ' stroke-dasharray="4 3"' * (not box.last.works))
        for number, line in enumerate(lines):
            y = at.y + LINE * (number + 1) + 1
            if number == 0:
                canvas.text(at.middle, y, line, 12, INK, "middle", bold=True)
            else:
                canvas.text(at.middle, y, line, 10, INK if number == 1 else SOFT, "middle")
