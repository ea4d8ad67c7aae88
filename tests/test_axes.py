"""Layers that change the number of axes, or exchange them: receptive fields against dependencies followed one by one.

The kinds are of the tests alone. What each unit depends on is written down per layer as nested loops over its units;
nothing of the engine's fields, windows or axes is used for it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import texts
from click.testing import CliRunner

from vggcalc import Report, ShapeError, SpecError, load
from vggcalc.analysis import analyse
from vggcalc.analysis.derive import derive
from vggcalc.analysis.pixels import seeing, seen_by
from vggcalc.cli import cli
from vggcalc.figures import FIGURES, layer, value_of, whole
from vggcalc.layers import REGISTRY, Add, Concat, Conv, Input, Layer, MaxPool, ReLU, Upsample, Window
from vggcalc.layers.fields import Positive
from vggcalc.network import Network, Node
from vggcalc.shape import Shape

Unit = tuple[int, ...]
Seen = dict[Unit, frozenset[Unit]]
"""The pixels on which each unit depends."""


class Columns(Layer):
    """A map as a sequence of its columns, as text recognition reads them: the height goes into the channels."""

    kind = "columns"
    role = "move"
    in_place = True

    def output(self, *inputs: Shape) -> Shape:
        """One axis less, all of whose values are channels."""
        height, *rest = inputs[0].spatial
        return Shape(inputs[0].channels * height, tuple(rest))

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """The width stays, and in three axes the height and the width."""
        return tuple(range(1, len(inputs[0].spatial)))


class Frames(Layer):
    """A signal as a map of frames and bands, as a spectrogram: a frame of `size` steps has bands, a new axis."""

    kind = "frames"
    role = "move"
    size: Positive
    step: Positive = 1
    bands: Positive = 5

    glued = "size"

    def output(self, *inputs: Shape) -> Shape:
        """Frames that fit, and as many bands."""
        (n,) = inputs[0].spatial
        if n < self.size:
            raise ShapeError(f"no frame of {self.size} fits {n} steps", "use a longer input", code="shape-misfit")
        return Shape(inputs[0].channels, (self.bands, (n - self.size) // self.step + 1))

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """Bands are new; time goes on behind them."""
        return None, 0

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """A frame."""
        return Window.over(self.bands), Window.of(self.size, self.step)


class Turn(Layer):
    """The axes in reverse order: height for width."""

    kind = "turn"
    role = "move"
    in_place = True

    def output(self, *inputs: Shape) -> Shape:
        """The map, turned."""
        return Shape(inputs[0].channels, inputs[0].spatial[::-1])

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """The last first."""
        return tuple(range(len(inputs[0].spatial)))[::-1]


class Fold(Layer):
    """A sequence as a map of `rows` rows, one below the other; a row continues nothing, nor does a column."""

    kind = "fold"
    role = "move"
    rows: Positive

    glued = "rows"

    def output(self, *inputs: Shape) -> Shape:
        """Rows and columns."""
        (n,) = inputs[0].spatial
        if n % self.rows:
            raise ShapeError(f"{n} steps make no {self.rows} rows", "use another length", code="shape-misfit")
        return Shape(inputs[0].channels, (self.rows, n // self.rows))

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """A row holds a stretch of the sequence."""
        return 0, None

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """All of the stretch: the columns of a row are not told apart."""
        columns = inputs[0].spatial[0] // self.rows
        return Window.of(columns, columns), Window.over(1)


KINDS: dict[str, type[Layer]] = {cls.kind: cls for cls in (Columns, Frames, Turn, Fold)}


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kinds of this file, for specs that name them."""
    for kind, cls in KINDS.items():
        monkeypatch.setitem(REGISTRY, kind, cls)


# --- what a unit depends on, loop by loop ---------------------------------------------------------------------------


def units(shape: Shape) -> Iterator[Unit]:
    """All positions of a map."""
    return product(*map(range, shape.spatial))


def taps(layer: Any, unit: Unit, shape: Shape) -> Iterator[Unit]:
    """The positions of the input that a unit looks at directly."""
    if layer.kind == "columns":
        yield from ((row, *unit) for row in range(shape.spatial[0]))
    elif layer.kind == "frames":
        yield from ((unit[1] * layer.step + tap,) for tap in range(layer.size))
    elif layer.kind == "turn":
        yield unit[::-1]
    elif layer.kind == "fold":  # one of them, and all of its row as far as the engine can say
        columns = shape.spatial[0] // layer.rows
        yield from ((unit[0] * columns + column,) for column in range(columns))
    elif layer.kind in ("conv", "maxpool"):
        stride, padding = layer.stride or layer.kernel_size, layer.padding
        kernel = layer.kernel_size if isinstance(layer.kernel_size, tuple) else (layer.kernel_size,) * len(unit)
        for tap in product(*map(range, kernel)):
            yield tuple(at * stride + t - padding for at, t in zip(unit, tap, strict=True))
    elif layer.kind == "upsample":
        yield tuple(at // layer.scale_factor for at in unit)
    else:
        yield unit


def dependencies(report: Report) -> list[Seen]:
    """For each layer the pixels of the input on which each of its units depends."""
    found: list[Seen] = []
    for row in report.rows:
        if not row.inputs:
            found.append({unit: frozenset({unit}) for unit in units(row.output)})
            continue
        seen: Seen = {}
        for unit in units(row.output):
            pixels: set[Unit] = set()
            for source, shape in zip(row.inputs, row.input_shapes, strict=True):
                for tap in taps(row.layer, unit, shape):
                    pixels |= found[source].get(tap, frozenset())
            seen[unit] = frozenset(pixels)
        found.append(seen)
    return found


def extent(pixels: frozenset[Unit]) -> tuple[Unit, Unit]:
    """The box that holds all of them."""
    axes = list(zip(*pixels, strict=True))
    return tuple(map(min, axes)), tuple(map(max, axes))


# --- networks -------------------------------------------------------------------------------------------------------


def network(shape: Shape, *steps: tuple[Layer, tuple[int, ...]]) -> Report:
    """A network of these layers, each with the places that it reads."""
    nodes = [Node("input", Input(), ()), *(Node(f"l{n}", step, inputs) for n, (step, inputs) in enumerate(steps, 1))]
    return analyse(Network("t", tuple(nodes), (shape,), (len(nodes) - 1,)))


def chain(shape: Shape, *layers: Layer) -> Report:
    """One layer behind the other."""
    return network(shape, *((step, (place,)) for place, step in enumerate(layers)))


def conv(kernel_size: int = 3, stride: int = 1, padding: int = 0) -> Conv:
    """A convolution to two channels."""
    return Conv(kernel_size=kernel_size, stride=stride, padding=padding, out_channels=2)


GRAPHS: Mapping[str, Callable[[], Report]] = {
    "2-d to 1-d": lambda: chain(Shape(1, (5, 12)), conv(), conv(2, 2), Columns(), ReLU(), conv(3), conv(2, 2)),
    "3-d to 2-d to 1-d": lambda: chain(Shape(1, (4, 5, 6)), conv(2), Columns(), conv(2), Columns(), conv(2)),
    "1-d to 2-d": lambda: chain(Shape(1, (40,)), conv(3), Frames(size=4, step=3), conv(2), MaxPool(), conv(2)),
    "1-d to 2-d to 1-d": lambda: chain(Shape(1, (40,)), Frames(size=4, step=3), conv(3), Columns(), conv(3)),
    "1-d to 2-d, turned, to 1-d": lambda: chain(Shape(1, (40,)), Frames(size=4), conv(3), Turn(), Columns(), conv(2)),
    "turned": lambda: chain(Shape(1, (9, 7)), conv(3, 2), Turn(), conv(2), Turn(), conv(2)),
    "turned square, in place": lambda: chain(Shape(1, (6, 6)), Conv(kernel_size=(3, 1), out_channels=1), Turn(),
                                             Conv(kernel_size=(1, 2), out_channels=1)),
    "with padding": lambda: chain(Shape(1, (6, 9)), conv(3, 1, 1), Columns(), conv(3, 1, 1), conv(5, 2, 2)),
    "upsampled": lambda: chain(Shape(1, (4, 5)), conv(2), Columns(), Upsample(scale_factor=3), conv(2)),
    "a sequence of rows": lambda: chain(Shape(1, (24,)), conv(3, 1, 1), Fold(rows=4), conv(2), conv(1)),
    "branches of one map": lambda: network(
        Shape(1, (6, 11)), (conv(3, 1, 1), (0,)), (Columns(), (1,)), (conv(5, 1, 2), (2,)), (conv(1), (2,)),
        (Add(), (3, 4)), (conv(3), (5,))),
    "a branch before the change": lambda: network(
        Shape(1, (6, 11)), (Columns(), (0,)), (conv(3, 1, 1), (0,)), (Columns(), (2,)), (Concat(), (1, 3)),
        (conv(2), (4,))),
    "a map and itself turned": lambda: network(
        Shape(1, (7, 7)), (conv(3), (0,)), (Turn(), (1,)), (Add(), (1, 2)), (conv(2), (3,))),
    "two ways to two axes": lambda: network(
        Shape(1, (20,)), (Frames(size=1, bands=3), (0,)), (Frames(size=5, bands=3), (0,)), (conv(3, 1, 1), (1,)),
        (MaxPool(kernel_size=2, stride=1), (2,)), (conv(2), (4,))),
}  # fmt: skip


def outcome(report: Report, place: int, unit: Unit) -> tuple[Unit, Unit] | None:
    """What the engine says that a unit sees of the image."""
    return seen_by(report, report.rows[place], unit)["input"].seen


@pytest.mark.parametrize("name", GRAPHS)
def test_what_a_unit_sees(name: str) -> None:
    """The box of every unit of every layer is the one that its dependencies span, borders included."""
    report = GRAPHS[name]()
    for place, seen in enumerate(dependencies(report)):
        for unit, pixels in seen.items():
            assert outcome(report, place, unit) == (extent(pixels) if pixels else None), (place, unit)


@pytest.mark.parametrize("name", GRAPHS)
def test_who_sees_a_pixel(name: str) -> None:
    """Asked from the other side: the units that a pixel reaches are those that depend on it."""
    report = GRAPHS[name]()
    found = dependencies(report)
    for pixel in units(report.network.input_shapes[0]):
        for place, reached in enumerate(seeing(report, "input", pixel)):
            told = {unit for axes in reached for unit in product(*axes)}
            assert told == {unit for unit, pixels in found[place].items() if pixel in pixels}, (place, pixel)


def fields_are_exact(report: Report) -> None:
    """Along each axis of the image a field is as long as the longest that a unit of the map sees."""
    for place, seen in enumerate(dependencies(report)):
        ends = [extent(pixels) for pixels in seen.values()]
        axes = range(len(report.network.input_shapes[0].spatial))
        longest = tuple(max(last[axis] - first[axis] + 1 for first, last in ends) for axis in axes)
        assert tuple(field.size for field in report.rows[place].fields["input"]) == longest, place


UNPADDED = ["2-d to 1-d", "3-d to 2-d to 1-d", "1-d to 2-d", "1-d to 2-d to 1-d", "1-d to 2-d, turned, to 1-d",
            "turned", "turned square, in place", "upsampled", "a map and itself turned"]  # fmt: skip


@pytest.mark.parametrize("name", UNPADDED)
def test_sizes(name: str) -> None:
    """Where no border cuts a field, its size is that of what is seen."""
    fields_are_exact(GRAPHS[name]())


def drawn(seed: int, padded: bool) -> Report:
    """A random network that changes its axes now and then, and merges what stands on one map."""
    draw = random.Random(seed)
    shape = Shape(1, tuple(draw.randint(9, 14) for _ in range(draw.choice([1, 2, 2]))))
    if len(shape.spatial) == 1:
        shape = Shape(1, (draw.randint(24, 40),))
    steps: list[tuple[Layer, tuple[int, ...]]] = []
    here = shape
    for _ in range(draw.randint(3, 7)):
        place = len(steps)
        frames = Frames(size=draw.randint(1, 4), bands=draw.randint(1, 4))
        slides = conv(draw.randint(1, 3), draw.randint(1, 2), padded * draw.randint(0, 1))
        changes = Columns() if len(here.spatial) == 2 else frames
        step = draw.choice([slides, ReLU(), Turn(), MaxPool(kernel_size=2), Upsample(scale_factor=2), changes])
        if min(here.spatial) < 3 or here.elements > 400:
            break
        steps.append((step, (place,)))
        here = step.output(here)
        if len(set(here.spatial)) == 1 and draw.random() < 0.3:
            steps += [(Turn(), (place + 1,)), (Concat(), (place + 1, place + 2))]
            here = Shape(2 * here.channels, here.spatial)
    return network(shape, *steps)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_random_networks(seed: int) -> None:
    """The same on networks that nobody chose."""
    report = drawn(seed, padded=seed % 2 == 0)
    for place, seen in enumerate(dependencies(report)):
        for unit, pixels in seen.items():
            assert outcome(report, place, unit) == (extent(pixels) if pixels else None), (place, unit)
    if seed % 2:
        fields_are_exact(report)


# --- what follows from it -------------------------------------------------------------------------------------------


def test_jumps_and_derivations() -> None:
    """Along the axis that goes on, the textbook's recurrences; along the one that ends, all that is seen of it.

    conv3/1, conv2/2 and columns on 5x12: 1 + 2 + 1 = 4 pixels wide, jump 2; the two rows of 5 that are left see all 5.
    """
    report = GRAPHS["2-d to 1-d"]()
    height, width = report.rows[3].fields["input"]
    assert (height.size, height.jump, width.size, width.jump) == (4, 0, 4, 2)
    lines = {(line.figure, line.axes): line.formula for line in derive(report, report.rows[5]).lines}
    assert lines["size", ("length",)].value == 3
    assert lines["rf", ("width",)].numbers == "4 + (3 - 1)*2"
    assert lines["jump", ("width",)].value == 2
    assert lines["rf", ("height",)].value == 4
    assert ("jump", ("height",)) not in lines


def test_a_jump_that_is_divided() -> None:
    """A transposed convolution with stride 2 reads an input that is spread out by 2: each unit is half a pixel on."""
    for kind, expected in (("convtranspose4-8/2", ("j / s", "1 / 2")), ("conv4-8/2", ("j * s", "1 * 2"))):
        report = texts.report(f"{{family: t, input: 8x8x3, layers: [{kind}]}}")
        (jump,) = (line.formula for line in derive(report, report.rows[1]).lines if line.figure == "jump")
        assert (jump.symbols, jump.numbers) == expected


@pytest.mark.parametrize("name", ["a map and itself turned", "2-d to 1-d", "3-d to 2-d to 1-d"])
def test_what_all_units_see_alike_has_one_position(name: str) -> None:
    """Along an axis of the image that none of the layer's continues there is but one unit."""
    fields = [field for row in GRAPHS[name]().rows for field in row.fields["input"] if field.axis is None]
    assert {(field.positions, field.turn, field.shift) for field in fields} == {(1, 1, 0)}


def test_an_axis_that_is_new_moves_nothing() -> None:
    """Frames of 4 steps, 3 apart, after a convolution of 3: 3 + 3 = 6 steps, jump 3, whatever the band."""
    report = GRAPHS["1-d to 2-d"]()
    (field,) = report.rows[2].fields["input"]
    assert (field.size, field.jump) == (6, 3)
    boxes = {seen_by(report, report.rows[2], (band, 2))["input"] for band in range(5)}
    assert [(box.first, box.last) for box in boxes] == [((6,), (11,))]


def test_the_window_of_a_layer_that_changes_axes() -> None:
    """Of its window a claim sees the axis that goes on."""
    report = GRAPHS["1-d to 2-d"]()
    (stride, size) = (value_of(FIGURES[key], layer(whole(report), 2)) for key in ("stride", "kernel"))
    assert (stride, size) == (3, 4)


@pytest.mark.parametrize("last", ["flatten", "flatten, fc-3", "identity, flatten, relu, fc-3"])
def test_what_stands_in_the_place_of_a_map_sees_all_of_it(last: str) -> None:
    """Flatten takes its input's memory, but not its receptive field: its one position sees all 6x6 of 3x3 pixels."""
    row = texts.report(f"{{family: t, input: 8x8x1, layers: [conv3-4, {last}]}}").rows[-1]
    assert [field.size for field in row.fields["input"]] == [8, 8]


def test_more_axes_than_there_are_names_for() -> None:
    """A layer that makes a fourth axis is told so, like any that does not fit."""

    class Deeper(Layer):
        kind = "deeper"
        role = "move"

        def output(self, *inputs: Shape) -> Shape:
            return Shape(1, (1, *inputs[0].spatial))

        def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
            return None, *range(len(inputs[0].spatial))

    assert str(chain(Shape(1, (3, 4)), Deeper()).rows[1].output) == "1x3x4x1"
    with pytest.raises(SpecError, match="l1: a map of 1x2x3x4x1 has 4 spatial axes; there are at most 3"):
        chain(Shape(1, (2, 3, 4)), Deeper())


CLAIMS = """
table: t
source: s
transcribed: by hand
model: net.yaml
figures: {field: {figure: rf}}
columns: [layer, field]
rows: [[frames2_1, 10x14], [conv2_2, 10x18]]
"""

SPEC = """
family: reading
input: 8x20x1
layers:
  - {conv3-4: {padding: half}}
  - maxpool
  - columns
  - {conv3-6: {padding: half}}
  - frames4
  - conv3-2
"""


@pytest.mark.slow
@pytest.mark.usefixtures("kinds")
@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "{}"), ("show", "{}", "--format", "json"), ("show", "{}", "--columns", "+jump,+padding"),
        ("explain", "{}"), ("explain", "{}", "--format", "json"), ("rf", "{}"), ("rf", "{}", "--format", "json"),
        ("rf", "{}", "--layer", "conv2_1", "--at", "1"), ("rf", "{}", "--layer", "conv2_2", "--at", "2,3"),
        ("rf", "{}", "--pixel", "3,4"), ("rf", "{}", "--picture", "rf.svg"), ("memory", "{}"), ("compare", "{}"),
        ("compare", "vgg11", "{}"),
        ("show", "{}", "--memory", "live", "--convention", "torch"), ("check", "{}"), ("show", "{}", "--batch", "3"),
    ],
)  # fmt: skip
def test_every_command(arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command takes a network whose maps change the number of their axes, and none of them stumbles."""
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(SPEC, "utf-8")
    if arguments[0] == "check":
        Path("claims.yaml").write_text(CLAIMS, "utf-8")
        arguments = ("check", "claims.yaml")
    done = CliRunner(catch_exceptions=False).invoke(cli, [part.format("net.yaml") for part in arguments])
    assert done.exit_code == 0, done.output


@pytest.mark.usefixtures("kinds")
def test_fields_in_json(tmp_path: Path) -> None:
    """Fields are told along the axes of the image: 8 rows and 20 columns, whatever the axes of the layer.

    Behind the pooling 4x4 pixels, jump 2. The columns see all rows, 8 and one of padding on each side. Then along the
    width 4 + 2*2 = 8 pixels, frames of 4 with 8 + 3*2 = 14, and a convolution with 14 + 2*2 = 18.
    """
    (tmp_path / "net.yaml").write_text(SPEC, "utf-8")
    rows = load(str(tmp_path / "net.yaml")).analyse().rows
    assert [(row.kind, str(row.output)) for row in rows[2:]] == [
        ("maxpool", "4x10x4"), ("columns", "10x16"), ("conv", "10x6"), ("frames", "5x7x6"), ("conv", "3x5x2"),
    ]  # fmt: skip
    sizes = [tuple(field.size for field in row.fields["input"]) for row in rows[2:]]
    assert sizes == [(4, 4), (10, 4), (10, 8), (10, 14), (10, 18)]
