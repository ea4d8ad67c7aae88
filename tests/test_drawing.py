"""Pictures of networks: all boxes and lines once, nothing on top of another, nothing outside, names stay text."""

from __future__ import annotations

import re
import sys
from itertools import combinations
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from texts import model

from vggcalc import bounds, load
from vggcalc.cli import cli
from vggcalc.drawing import KINDS
from vggcalc.drawing.graph.boxes import Boxes, boxes, details
from vggcalc.drawing.graph.layout import Layout, Placed, framed, layout
from vggcalc.drawing.volumes import volumes

SVG = "{http://www.w3.org/2000/svg}"
DOZEN = [
    "lenet5", "alexnet", "vgg16", "googlenet", "resnet50", "resnet152", "densenet201", "efficientnet_b7", "unet",
    "yolov3", "siamese", "m5", "c3d",
]  # fmt: skip


def run(*arguments: str, code: int = 0) -> Result:
    """A command line that ends with this code."""
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == code, result.output
    return result


def drawn(*arguments: str) -> ElementTree.Element:
    """A picture, read as XML."""
    return ElementTree.fromstring(run("draw", *arguments).stdout)


Corners = tuple[float, float, float, float]


def is_inside(inner: Corners, outer: Corners) -> bool:
    """Whether a box, by its left, upper, right and lower edge, lies in another."""
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def planned(name: str) -> tuple[Boxes, Layout]:
    """The boxes of a bundled network, and where they stand."""
    found = boxes(load(name).analyse(), None)
    within = [box.within for box in found.all]
    return found, layout([(90, 40)] * len(found.all), [box.reads for box in found.all], found.outputs, within)


def corners(box: Placed) -> Corners:
    """Of a box, or of a frame."""
    return box.x, box.y, box.x + box.width, box.bottom


def extents(text: ElementTree.Element) -> Corners | None:
    """The box that a text takes, in letters of 0.55 of its height, as most fonts have them at most."""
    if "transform" in text.attrib:
        return None
    size, said = float(text.attrib["font-size"]), "".join(text.itertext())
    x, y, width = float(text.attrib["x"]), float(text.attrib["y"]), 0.55 * size * len(said)
    x -= {"middle": width / 2, "end": width}.get(text.attrib.get("text-anchor", ""), 0)
    return x, y - 0.7 * size, x + width, y


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", DOZEN)
def test_nothing_overlaps_and_nothing_lies_outside(name: str, kind: str) -> None:
    """No two labels meet, and everything stands inside of the viewBox."""
    root = drawn(name, "--as", kind)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    labels = [box for text in root.iter(f"{SVG}text") if (box := extents(text))]
    for box in labels:
        assert is_inside(box, (-1, 0, width + 1, height)), box
    for a, b in combinations(labels, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (a, b)
    for shape in root.iter(f"{SVG}rect"):
        if "x" in shape.attrib:
            x, y, w, h = (float(shape.attrib[key]) for key in ("x", "y", "width", "height"))
            assert is_inside((x, y, x + w, y + h), (-1, -1, width + 1, height + 1)), shape.attrib


@pytest.mark.parametrize("name", [*DOZEN, "dla34", "inception_v3,training", "vit_b_16"])
def test_every_layer_and_every_line_once(name: str) -> None:
    """Each layer is in one box, each line of the network is within one or from one box to another, drawn once."""
    found, plan = planned(name)
    report = found.report
    places = [place for box in found.all for place in box.places]
    assert sorted(places) == list(range(len(report.rows)))
    box_of = {place: number for number, box in enumerate(found.all) for place in box.places}
    lines = {(box_of[source], box_of[row.index]) for row in report.rows for source in row.inputs}
    assert set(found.edges()) == {(a, b) for a, b in lines if a != b}
    plan = layout(
        [(60, 30)] * len(found.all), [b.reads for b in found.all], found.outputs, [b.within for b in found.all]
    )
    assert sorted((route.source, route.target) for route in plan.routes) == sorted(found.edges())
    for route in plan.routes:
        a, b = plan.boxes[route.source], plan.boxes[route.target]
        assert route.points[0] == (a.middle, a.bottom)
        assert route.points[-1] == (b.middle, b.y)


def crosses(a: tuple[float, float], b: tuple[float, float], box: Placed) -> bool:
    """Whether an upright or level line leads through a box."""
    (x1, x2), (y1, y2) = sorted((a[0], b[0])), sorted((a[1], b[1]))
    return x1 < box.x + box.width - 1 and box.x + 1 < x2 + 0.1 and y1 < box.bottom - 1 and box.y + 1 < y2


@pytest.mark.parametrize(
    "name", ["googlenet", "resnet50", "densenet121", "unet", "yolov3", "siamese", "dla34", "vit_b_16"]
)
def test_no_line_leads_through_a_box(name: str) -> None:
    """Boxes do not meet, and lines lead around them; blocks have frames that hold what is theirs, and nothing else."""
    found, plan = planned(name)
    within = framed([box.within for box in found.all])
    for a, b in combinations(plan.boxes, 2):
        assert a.x + a.width <= b.x or b.x + b.width <= a.x or a.bottom <= b.y or b.bottom <= a.y
    for route in plan.routes:
        for start, end in zip(route.points, route.points[1:], strict=False):
            assert not [box for box in plan.boxes if crosses(start, end, box)], route
    for frame in plan.frames:
        for box, blocks in zip(plan.boxes, within, strict=True):
            at = frame.placed
            inside = (
                at.x <= box.x and box.x + box.width <= at.x + at.width and at.y <= box.y and box.bottom <= at.bottom
            )
            assert inside == (frame.block in blocks)


def test_what_is_no_series_of_branches_is_drawn_too() -> None:
    """Where paths cross without meeting, lines lead round on the right."""
    crossing = model(
        """
family: crossing
input: 8x8x4
layers:
  - {conv3-4: {name: a, padding: half}}
  - {conv3-4: {name: b, padding: half, from: input}}
  - {add: {name: c, from: [a, b]}}
  - {add: {name: d, from: [b, c]}}
  - {add: {name: e, from: [a, d]}}
"""
    ).analyse()
    found = boxes(crossing, None)
    plan = layout([(60, 30)] * len(found.all), [b.reads for b in found.all], found.outputs, [[]] * len(found.all))
    assert len(plan.routes) == 8
    for a, b in combinations(plan.boxes, 2):
        assert a.x + a.width <= b.x or b.x + b.width <= a.x or a.bottom <= b.y or b.bottom <= a.y


def test_a_picture_is_small_and_for_dark_pages_too() -> None:
    """VGG-16's graph takes less than 40 KB; what is dark on white is light on dark."""
    svg = run("draw", "vgg16").stdout
    assert len(svg) < 40_000
    assert "prefers-color-scheme:dark" in svg
    used = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', svg))
    assert {f'[fill="{colour}"]' for colour in used if f'fill="{colour}"' in svg} <= set(
        re.findall(r'\[fill="#\w+"\]', svg)
    )


def test_names_stay_text(tmp_path: Path) -> None:
    """In no format does a name become anything else."""
    spec = """
family: names
input: 8x8x3
layers:
  - {conv3-4: {name: '<script>"x"]; -->'}}
  - {relu: {name: 'a\\b"c'}}
  - {maxpool: {name: '#quot; | end'}}
"""
    net = tmp_path / "net.yaml"
    net.write_text(spec, "utf-8")
    root = drawn(str(net))
    assert not list(root.iter(f"{SVG}script"))
    assert any('<script>"x"]; -->' in "".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    mermaid = run("draw", str(net), "--format", "mermaid").stdout
    assert "<script>" not in mermaid
    assert all(line.count('"') % 2 == 0 for line in mermaid.splitlines())
    dot = run("draw", str(net), "--format", "dot").stdout
    assert r"<script>\"x\"]; -->" in dot
    assert r"a\\b\"c" not in dot  # an element-wise layer has its kind alone
    for kind in KINDS:
        drawn(str(net), "--as", kind)


def test_the_arithmetic_is_told() -> None:
    """Who points at a box sees how its parameters and MACs come about."""
    conv = next(box for box in boxes(load("vgg16").analyse(), None).all if box.line.name == "conv1_2")
    assert details(conv).splitlines() == [
        "conv1_2: conv3-64",
        "224x224x64 -> 224x224x64",
        "params: (3*3*64)*64 + 64 = 36,928",
        "MACs: (224*224*64) * (3*3*64) = 1,849,688,064",
        "relu1_2: relu",
    ]


def test_volumes_of_known_pictures() -> None:
    """Simonyan and Zisserman's Table 1, D: 2, 2, 3, 3, 3 convolutions; He et al.'s Table 1: 3, 4, 6, 3 bottlenecks."""
    vgg = [(str(each.shape), each.times) for each in volumes(load("vgg16").analyse()) if each.row.role == "conv"]
    assert vgg == [
        ("224x224x64", 2), ("112x112x128", 2), ("56x56x256", 3), ("28x28x512", 3), ("14x14x512", 3)
    ]  # fmt: skip
    resnet = [each.times for each in volumes(load("resnet50").analyse()) if each.row.role == "merge"]
    assert resnet == [3, 4, 6, 3]
    arms = [each for each in volumes(load("unet").analyse()) if each.skips]
    assert len(arms) == 4  # Ronneberger et al., Figure 1: four copies from the left arm to the right one


def test_a_peak_is_where_it_is() -> None:
    """VGG-16's stands at conv1_2, which reads 224x224x64 and writes as much."""
    said = run("draw", "vgg16", "--as", "memory").stdout
    assert "at conv1_2: 24.50 MiB of maps" in said  # 2 * 224*224*64 * 4 bytes
    assert "forth" in run("draw", "vgg16", "--as", "memory", "--training").stdout


def test_refusals(tmp_path: Path) -> None:
    """One line each: what is not drawn so, what is no model, a depth that nothing folds, a file that is there."""
    assert "is not drawn as dot" in run("draw", "vgg16", "--as", "memory", "--format", "dot", code=2).stderr
    assert "--depth does not go with volumes" in run("draw", "vgg16", "--as", "volumes", "--depth", "2", code=2).stderr
    assert "vgg61" in run("draw", "vgg61", code=2).stderr
    there = tmp_path / "there.svg"
    there.write_text("mine", "utf-8")
    assert "--force" in run("draw", "vgg16", "-o", str(there), code=2).stderr
    run("draw", "vgg16", "-o", str(there), "--force")
    assert there.read_text("utf-8").startswith("<svg")
    for command in (["draw", "vgg16"], ["chart", "vgg16", "alexnet"]):
        assert "net.bmp says no format; known are " in run(*command, "-o", str(tmp_path / "net.bmp"), code=2).stderr
    run("draw", "resnet18", "-o", str(tmp_path / "net.mmd"))
    assert (tmp_path / "net.mmd").read_text("utf-8").startswith("flowchart TD")


@pytest.mark.parametrize("kind", KINDS)
def test_what_no_page_holds_is_refused(tmp_path: Path, kind: str) -> None:
    """One line that says how large it is, and how large it may be, whatever is drawn."""
    spec = "family: many\ninput: 8x8x3\nlayers: [{repeat: {times: %d, layers: [conv1-4, conv1-5]}}]\n"
    net = tmp_path / "net.yaml"
    net.write_text(spec % (bounds.DRAWN_LAYERS // 2), "utf-8")  # and the input
    said = run("draw", str(net), "--as", kind, code=2).stderr
    assert said.startswith("vggcalc: a picture of ")
    assert "has 10,001 layers, and may have 10,000" in said
    net.write_text(spec % (bounds.DRAWN_PARTS // 2 + 1), "utf-8")
    what = {"graph": "10,005 boxes and lines", "shares": "5,003 rows", "volumes": "5,003 maps"}
    if kind in what:
        depth = [] if kind == "volumes" else ["--depth", "all"]
        assert f"has {what[kind]}, and may have 5,000" in run("draw", str(net), "--as", kind, *depth, code=2).stderr


def test_the_longest_network_is_drawn_whole() -> None:
    """ResNet-1202 stays within the bounds, layer by layer (He et al., arXiv:1512.03385, Section 4.2)."""
    found = boxes(load("resnet1202").analyse(), None)
    assert len(found.all) + len([*found.edges()]) <= bounds.DRAWN_PARTS


def test_pixels_need_their_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without CairoSVG one line says what to install; with it, or what has its two functions, its bytes are written."""
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    refused = run("draw", "lenet5", "-o", str(tmp_path / "net.png"), code=2).stderr
    assert refused == "vggcalc: png needs CairoSVG; pip install 'vggcalc[pictures]', or write svg\n"
    assert not list(tmp_path.iterdir())
    drawer = ModuleType("cairosvg")
    drawer.svg2pdf = lambda bytestring: b"%PDF" + bytestring[:4]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cairosvg", drawer)
    run("draw", "lenet5", "-o", str(tmp_path / "net.pdf"))
    assert (tmp_path / "net.pdf").read_bytes() == b"%PDF<svg"
