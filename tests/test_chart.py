"""Charts: the right figures in the right places, names that lie on nothing, scales and the front by hand."""

from __future__ import annotations

import json
import re
from itertools import combinations
from math import hypot
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from vggcalc.cli import cli
from vggcalc.drawing.chart.axes import axis
from vggcalc.drawing.chart.labels import Bubble, labels
from vggcalc.figures import FIGURES

SVG = "{http://www.w3.org/2000/svg}"
DOZEN = [
    "alexnet", "vgg11", "vgg16", "vgg19", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
    "googlenet", "densenet121", "densenet161", "squeezenet1_0", "squeezenet1_1", "mobilenet_v2",
    "mobilenet_v3_small", "efficientnet_b0", "efficientnet_b7", "convnext_large",
]  # fmt: skip


def run(*arguments: str, code: int = 0) -> Result:
    """A command line that ends with this code."""
    result = CliRunner().invoke(cli, ["chart", *arguments])
    assert result.exit_code == code, result.output
    return result


def points(*arguments: str) -> dict[str, dict[str, object]]:
    """The points of a chart, by model."""
    found = json.loads(run(*arguments, "--format", "json").stdout)["points"]
    return {point["model"]: point for point in found}


def test_points() -> None:
    """Golden parameters and multiply-accumulates, and accuracies as torchvision's wheel has them."""
    found = points("vgg16", "resnet50", "alexnet")
    assert {name: (point["macs"], point["top1"], point["params"]) for name, point in found.items()} == {
        "vgg16": (15_470_264_320, 71.592, 138_357_544),
        "resnet50": (4_089_184_256, 76.130, 25_557_032),
        "alexnet": (714_188_480, 56.522, 61_100_840),
    }
    assert [found[name]["family"] for name in found] == ["VGG", "ResNet", "AlexNet"]


def test_front() -> None:
    """Less of a cost is better, more accuracy and less error are: by hand, of Table 3's A to E at 256."""
    names = ("A", "A-LRN", "B", "C", "D", "E")  # errors 29.6, 29.7, 28.7, 28.1, 27.0, 27.3; MACs rise but of A-LRN's
    for figure in ("top1", "top1_error"):
        found = points(*names, "--y", figure, "--protocol", "vgg-256")
        assert [name for name in names if found[name]["on_front"]] == ["A", "B", "C", "D"]
    found = points("vgg16", "alexnet", "resnet18", "--y", "params")  # cheap in both: ResNet-18's 11.7 M, AlexNet's MACs
    assert [name for name, point in found.items() if point["on_front"]] == ["alexnet", "resnet18"]


def box_of(text: ElementTree.Element) -> tuple[float, float, float, float]:
    """What a text takes, in letters of 0.55 of its height."""
    size, said = float(text.attrib["font-size"]), "".join(text.itertext())
    x, y, width = float(text.attrib["x"]), float(text.attrib["y"]), 0.55 * size * len(said)
    x -= {"middle": width / 2, "end": width}.get(text.attrib.get("text-anchor", ""), 0)
    return x, y - 0.7 * size, x + width, y


@pytest.mark.parametrize(
    "arguments",
    [(), ("--x", "params_bytes", "--y", "depth"), ("--y", "top5_error", "--area", "live"), ("--x", "layers")],
)
def test_nothing_overlaps_and_nothing_lies_outside(arguments: tuple[str, ...]) -> None:
    """No two texts meet, no name lies on a bubble, each network has a bubble and a name inside of the viewBox."""
    root = ElementTree.fromstring(run(*DOZEN, *arguments).stdout)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    texts = list(root.iter(f"{SVG}text"))
    boxes = [box_of(text) for text in texts]
    for box in boxes:
        assert 0 <= box[0] <= box[2] <= width
        assert 0 <= box[1] <= box[3] <= height
    for a, b in combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (a, b)
    named = [(text.text, box) for text, box in zip(texts, boxes, strict=True) if text.text in DOZEN]
    assert sorted(str(name) for name, _ in named) == sorted(DOZEN)
    bubbles = [
        tuple(float(circle.attrib[key]) for key in ("cx", "cy", "r"))
        for group in root.iter(f"{SVG}g")
        for circle in group.iter(f"{SVG}circle")
    ]
    assert len(bubbles) == len(DOZEN)
    for x, y, radius in bubbles:
        assert 0 <= x - radius <= x + radius <= width
        assert 0 <= y - radius <= y + radius <= height
        for name, box in named:
            near = min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3])
            assert hypot(near[0] - x, near[1] - y) >= radius, name


def test_areas() -> None:
    """The area of a bubble is in proportion to its figure: VGG-16 has 138,357,544 / 61,100,840 times AlexNet's."""
    root = ElementTree.fromstring(run("vgg16", "alexnet").stdout)
    radii = {}
    for group in root.iter(f"{SVG}g"):
        for circle in group.iter(f"{SVG}circle"):
            radii[(group.findtext(f"{SVG}title") or "").split("\n")[0]] = float(circle.attrib["r"])
    assert (radii["vgg16"] / radii["alexnet"]) ** 2 == pytest.approx(138_357_544 / 61_100_840, rel=1e-2)


def test_a_crowd_has_names_on_nothing() -> None:
    """Forty bubbles in one place: names that have no room are left out, and no two meet."""
    bubbles = [Bubble(200 + number % 8, 150 + number // 8, 6, f"network-{number}") for number in range(40)]
    placed = labels(bubbles, (0, 0, 400, 300))
    assert 10 < len(placed) <= 40
    for a, b in combinations([label.corners for label in placed], 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


@pytest.mark.parametrize(
    ("figure", "values", "is_log", "ticks"),
    [
        ("macs", [1_000_000, 30_000_000], False, "0 10 M 20 M 30 M"),
        ("macs", [1_000_000, 31_000_000], True, "1 M 2 M 5 M 10 M 20 M"),
        ("top1", [1, 99], False, "0% 20% 40% 60% 80%"),
        ("depth", [8, 19], False, "8 10 12 14 16 18"),
        ("params_bytes", [2**20, 2**30], True, "1 MiB 4 MiB 16 MiB 64 MiB 256 MiB 1 GiB"),
    ],
)
def test_scales(figure: str, values: list[int], is_log: bool, ticks: str) -> None:
    """A log scale where the largest is more than 30 times the smallest; ticks are 1, 2 or 5 times a power of ten."""
    own = axis(FIGURES[figure], values, (0, 100))
    assert own.is_log is is_log
    shown = " ".join(text for _, text in own.ticks(-5, 105))
    assert set(ticks.split(" ")) <= set(shown.split(" ")), shown
    assert (own.place(values[0]), own.place(values[1])) == (0, 100)
    places = [place for place, _ in own.ticks(-5, 105)]
    assert places == sorted(places)
    assert len(places) <= 12


def test_vega_lite() -> None:
    """A document of version 5 with the points inline, whose channels are fields of them."""
    document = json.loads(run(*DOZEN[:6], "--format", "vega-lite").stdout)
    assert document["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json"
    values = document["data"]["values"]
    assert [value["model"] for value in values] == DOZEN[:6]
    fields = set(re.findall(r'"field": "(\w+)"', json.dumps(document)))
    assert fields == {"macs", "top1", "params", "model", "family"}
    assert all(fields <= value.keys() for value in values)
    assert [layer["mark"]["type"] for layer in document["layer"]] == ["line", "line", "circle", "text"]


def test_names_stay_text(tmp_path: Path) -> None:
    """What a file calls its network is no markup."""
    net = tmp_path / "<b>&.yaml"
    net.write_text("family: '<i>x&y'\ninput: 8x8x3\nlayers: [conv3-8, fc-10]\n")
    text = run(str(net), "vgg16", "--y", "depth").stdout
    names = {"".join(each.itertext()) for each in ElementTree.fromstring(text).iter(f"{SVG}text")}
    assert "<i>x&y" in names


def test_light_and_dark() -> None:
    """The picture says what colours it has on dark pages."""
    assert "prefers-color-scheme:dark" in run("vgg16", "alexnet").stdout


def test_how_it_was_measured_is_said() -> None:
    """Who has no figure is named on stderr and left out; the protocol stands in the picture."""
    found = run("A-LRN", "vgg16", "resnet50", "lenet5")
    assert found.stderr.splitlines() == [
        "vggcalc: A-LRN has no top-1, and is left out",
        "vggcalc: lenet5 has no top-1, and is left out",
    ]
    assert "torchvision-v1" in found.stdout
    assert "A-LRN" not in found.stdout


@pytest.mark.parametrize("name", ["c.svg", "c.json", "c.vl.json"])
def test_files(name: str, tmp_path: Path) -> None:
    """The end of a name says the format."""
    run("vgg16", "alexnet", "-o", str(tmp_path / name))
    start = {"c.svg": "<svg", "c.json": '{\n "x": {', "c.vl.json": '{\n "$schema"'}
    assert (tmp_path / name).read_text().startswith(start[name])
    assert "is there already" in run("vgg16", "-o", str(tmp_path / name), code=2).stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lenet5",), "no network is left to draw; lenet5 has no top-1, and is left out"),
        (("vgg16", "--x", "mac"), "there is no figure 'mac'; did you mean 'macs'?"),
        (("vgg16", "--x", "output"), "output is a shape, no number; take one that is, as size"),
        (("vgg16", "--x", "operations"), "operations without a convention; say who counts operations"),
        (("vgg16", "--protocol", "vgg256"), "there is no protocol 'vgg256'; did you mean 'vgg-256'?"),
        (("vgg16", "-o", ""), "--output names no file; name one, or - for standard output"),
        (("nothing",), "there is no model 'nothing'"),
    ],
)
def test_bad_questions(arguments: tuple[str, ...], said: str) -> None:
    """Each is told in a line."""
    result = run(*arguments, code=2)
    assert result.stderr.startswith(f"vggcalc: {said}")
    assert result.stderr.count("\n") == 1


def test_what_others_count() -> None:
    """With a convention its operations stand on an axis: torchvision's 15.47 G of VGG-16."""
    found = points("vgg16", "--x", "operations", "--convention", "torchvision")
    assert found["vgg16"]["operations"] == 15_470_264_320
