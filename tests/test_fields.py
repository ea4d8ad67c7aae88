"""Receptive fields: against an oracle that follows every path in sets, against hand-made tables, at any length."""

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
import texts
from clock import least_seconds
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from paths import POINTWISE, Endless, Followed, Graph, Step, Way, output, reads
from texts import report

from vggcalc import Network, Node, Report, Shape, load
from vggcalc.analysis.alignment import misalignments
from vggcalc.analysis.analyse import analyse
from vggcalc.analysis.field import Field
from vggcalc.analysis.pixels import how_many, seeing, seen_by
from vggcalc.layers import REGISTRY
from vggcalc.render.fields import misalignment_text
from vggcalc.render.machine import field_document

Size = tuple[int, ...]

MOST_POSITIONS = {1: 24, 2: 81, 3: 64}
"""No map of a random graph has more: the oracle follows every single one."""
MOST_WAYS = 40
"""Graphs with more paths than this are followed as a whole only."""
LONGEST_TURN = 60


# Random graphs


class Drawn:
    """A graph that grows by one layer at a time."""

    def __init__(self, draw: st.DrawFn, inputs: tuple[Size, ...]) -> None:
        self.draw = draw
        self.inputs = inputs
        self.sizes = list(inputs)
        self.channels = [1] * len(inputs)
        self.steps: list[Step] = []

    @property
    def axes(self) -> int:
        """Of all maps."""
        return len(self.inputs[0])

    def add(self, kind: str, sources: tuple[int, ...], **fields: Any) -> int | None:
        """The place of a new layer, or None where it would not fit."""
        step = Step(kind, fields, sources)
        size = output(step, [self.sizes[source] for source in sources])
        positions = 1
        for n in size:
            positions *= n
        if not 1 <= positions <= MOST_POSITIONS[self.axes]:
            return None
        self.steps.append(step)
        self.sizes.append(size)
        kept = sum if kind == "concat" else max
        self.channels.append(1 if kind in ("conv", "convtranspose", "fc") else kept(self.channels[s] for s in sources))
        return len(self.sizes) - 1

    def number(self, least: int, most: int) -> int | Size:
        """One number, or one for each axis."""
        numbers = st.integers(least, most)
        if self.draw(st.booleans()):
            return self.draw(st.tuples(*[numbers] * self.axes))
        return self.draw(numbers)

    def sides(self, most: int) -> Any:
        """Padding in numbers: one, or for each axis a pair."""
        number = st.integers(0, most)
        return self.draw(st.one_of(number, st.tuples(*[st.tuples(number, number)] * self.axes)))

    def window(self, stride: int = 2) -> dict[str, Any]:
        """The fields of a sliding window."""
        words = st.sampled_from(["valid", "half", "same"])
        return {
            "kernel_size": self.number(1, 3),
            "stride": self.number(1, stride),
            "dilation": self.draw(st.sampled_from((1, 1, 2))),
            "padding": self.draw(words) if self.draw(st.booleans()) else self.sides(2),
        }

    def layer(self, source: int) -> int:
        """One more layer behind this one, of any kind; the layer itself where that does not fit."""
        kind = self.draw(st.sampled_from(sorted(self.single)))
        place = self.single[kind](self, source)
        return source if place is None else place

    def conv(self, source: int) -> int | None:
        """A convolution."""
        return self.add("conv", (source,), out_channels=1, **self.window())

    def pool(self, source: int) -> int | None:
        """A pooling that may round up."""
        kind = self.draw(st.sampled_from(["maxpool", "avgpool"]))
        return self.add(kind, (source,), ceil_mode=self.draw(st.booleans()), **self.window())

    def convtranspose(self, source: int) -> int | None:
        """A transposed convolution, whose kernels may leave gaps in the output."""
        fields = {"kernel_size": self.number(1, 4), "stride": self.number(1, 3), "padding": self.sides(1)}
        dilation = self.draw(st.sampled_from((1, 1, 2, 3)))
        return self.add("convtranspose", (source,), out_channels=1, dilation=dilation, **fields)

    def upsample(self, source: int) -> int | None:
        """Repeated or interpolated pixels."""
        mode = self.draw(st.sampled_from(["nearest", "bilinear"]))
        return self.add("upsample", (source,), scale_factor=self.number(1, 3), mode=mode)

    def resize(self, source: int) -> int | None:
        """Any other size."""
        size = self.number(1, 7)
        if self.draw(st.booleans()):
            return self.add("adaptiveavgpool", (source,), output_size=size)
        return self.add("upsample", (source,), size=size, mode=self.draw(st.sampled_from(["nearest", "bilinear"])))

    def border(self, source: int) -> int | None:
        """Padding or cropping."""
        if self.draw(st.booleans()):
            return self.add("pad", (source,), padding=self.sides(2))
        return self.add("crop", (source,), cropping=self.sides(1))

    def residual(self, source: int) -> int | None:
        """A body and a shortcut that is brought to its size."""
        body = source
        for _ in range(self.draw(st.integers(1, 2))):
            body = self.layer(body)
        shortcut = self.fitted(source, body)
        return None if shortcut is None else self.merged(shortcut, body)

    def skip(self, source: int) -> int | None:
        """A merge with any earlier layer."""
        earlier = self.fitted(self.draw(st.integers(0, len(self.sizes) - 1)), source)
        return None if earlier is None else self.merged(earlier, source)

    def gate(self, source: int) -> int | None:
        """Squeeze and excitation: the whole map scales every position."""
        squeezed = self.add(self.draw(st.sampled_from(["globalavgpool", "globalmaxpool"])), (source,))
        return None if squeezed is None else self.add("multiply", (source, squeezed))

    def whole(self, source: int) -> int | None:
        """A fully connected layer, now and then: little is left behind it."""
        if self.draw(st.integers(0, 3)):
            return None
        return self.add("fc", (source,), out_features=1)

    def merged(self, one: int, other: int) -> int | None:
        """Two maps of one size, added, multiplied or concatenated."""
        kinds = ["concat", *(["add", "multiply"] if self.channels[one] == self.channels[other] else [])]
        return self.add(self.draw(st.sampled_from(kinds)), (one, other))

    def fitted(self, source: int, model: int) -> int | None:
        """A layer's map brought to the size of another's: a stride where one does it, else cut, padded or resized."""
        here, there = self.sizes[source], self.sizes[model]
        if here == there:
            return source
        if all(n >= m for n, m in zip(here, there, strict=True)):
            stride = tuple(-(-n // m) for n, m in zip(here, there, strict=True))
            strided = Step("conv", {"kernel_size": 1, "stride": stride, "out_channels": 1}, (source,))
            if output(strided, [here]) == there:
                return self.add("conv", (source,), **strided.fields)
            return self.add("crop", (source,), size=there)
        if all(n <= m for n, m in zip(here, there, strict=True)):
            return self.add("pad", (source,), padding=tuple((0, m - n) for n, m in zip(here, there, strict=True)))
        return self.add("upsample", (source,), size=there)

    single: dict[str, Callable[["Drawn", int], int | None]] = {
        "1 conv": conv, "2 conv": conv, "3 pool": pool, "4 convtranspose": convtranspose, "5 upsample": upsample,
        "6 resize": resize, "7 border": border, "8 residual": residual, "9 skip": skip, "gate": gate, "whole": whole,
    }  # fmt: skip


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Graphs with one or two inputs of one to three axes, and a few blocks."""
    axes = draw(st.sampled_from((1, 2, 1, 2, 3)))
    extents = st.integers(2, {1: 16, 2: 7, 3: 3}[axes])
    size = st.tuples(*[extents] * axes)
    drawn = Drawn(draw, tuple(draw(size) for _ in range(draw(st.sampled_from((1, 1, 1, 2))))))
    end = 0
    for _ in range(draw(st.integers(1, 5))):
        end = drawn.layer(end)
    if len(drawn.inputs) > 1:
        other = drawn.layer(1)
        fitted = drawn.fitted(other, end)
        if fitted is not None:
            drawn.merged(fitted, end)
    assume(drawn.steps)
    return Graph(drawn.inputs, tuple(drawn.steps))


def analysed(graph: Graph) -> Report:
    """The figures of a graph."""
    inputs = [Node(f"input{number}", REGISTRY["input"](), ()) for number in range(len(graph.inputs))]
    layers = [
        Node(f"layer{place}", REGISTRY[step.kind](**step.fields), step.inputs)
        for place, step in enumerate(graph.steps, len(inputs))
    ]
    nodes = (*inputs, *layers)
    return analyse(Network("random", nodes, tuple(Shape(1, size) for size in graph.inputs), (len(nodes) - 1,)))


def hull(places: set[tuple[int, ...]]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """First and last of them along each axis."""
    axes = list(zip(*places, strict=True))
    return (tuple(map(min, axes)), tuple(map(max, axes))) if axes else None


def sampled(draw: st.DataObject, size: Size, most: int) -> list[Size]:
    """Some positions of a map, its corners among them."""
    corners = [tuple(0 for _ in size), tuple(n - 1 for n in size)]
    return corners + draw.draw(st.lists(st.tuples(*(st.integers(0, n - 1) for n in size)), max_size=most))


def at_most(graph: Graph, place: int) -> int:
    """How many paths lead from a layer to the inputs."""
    if place < len(graph.inputs):
        return 1
    return sum(at_most(graph, source) for source in graph.step(place).inputs)


@pytest.mark.slow
@settings(max_examples=60)
@given(graphs())
def test_the_two_walks_agree(graph: Graph) -> None:
    """What the walk on endless maps reads is, within the maps, what the kernels of the other oracle touch."""
    followed = Followed(graph)
    for place, step in enumerate(graph.steps, len(graph.inputs)):
        if step.kind in POINTWISE:
            continue
        (touched,) = reads(step, [followed.sizes[source] for source in step.inputs])
        for axis in range(len(followed.sizes[0])):
            endless = Endless(graph, followed.sizes, axis)
            n = followed.sizes[step.inputs[0]][axis]
            for unit, places in touched.items():
                if places:
                    expected = {at[axis] for at in places}
                    assert {tap for tap in endless.reads(place, 0, unit[axis]) if 0 <= tap < n} == expected


@pytest.mark.slow
@settings(max_examples=150)
@given(graphs(), st.data())
def test_what_a_unit_sees(graph: Graph, data: st.DataObject) -> None:
    """The box of every unit is the hull of the pixels at the ends of its paths, clipped at every border between."""
    followed, rows = Followed(graph), analysed(graph)
    for place in {graph.size - 1, data.draw(st.integers(0, graph.size - 1))}:
        row = rows.rows[place]
        assert row.output.spatial == followed.sizes[place]
        for unit in sampled(data, followed.sizes[place], 6):
            boxes = seen_by(rows, row, unit)
            for number, name in enumerate(rows.network.input_names):
                expected = hull(followed.seen_by(place, unit, number))
                assert (boxes[name].seen if name in boxes else None) == expected


@pytest.mark.slow
@settings(max_examples=100)
@given(graphs(), st.data())
def test_which_units_see_a_pixel(graph: Graph, data: st.DataObject) -> None:
    """The units that see a pixel are just those from which a path leads to it."""
    followed, rows = Followed(graph), analysed(graph)
    row = rows.rows[-1]
    for number, name in enumerate(rows.network.input_names):
        for pixel in sampled(data, graph.inputs[number], 4):
            places = seeing(rows, name, pixel)[rows.network.find(row.name)]
            expected = followed.seeing(graph.size - 1, number, pixel)
            assert set().union(*(product(*axes) for axes in places)) == expected
            assert how_many(places) == len(expected)


@pytest.mark.slow
@settings(max_examples=150)
@given(graphs())
def test_fields_are_the_hull_of_all_paths(graph: Graph) -> None:
    """First, last, size, padding and centre of a field are those of the pixels that the paths end at.

    Where the paths move at different speeds, or the pattern is longer than the map, this holds for the units whose
    paths stay within the maps.
    """
    followed, rows = Followed(graph), analysed(graph)
    place = graph.size - 1
    for axis in range(len(followed.sizes[0])):
        endless = Endless(graph, followed.sizes, axis)
        for number, name in enumerate(rows.network.input_names):
            if name not in rows.rows[place].fields:
                continue
            field = rows.rows[place].fields[name][axis]
            units = range(followed.sizes[place][axis])
            bounded = _is_bounded(graph, endless)
            checked = [unit for unit in units if not bounded or _is_inside(endless, place, unit)]
            found = {unit: endless.seen_by(place, unit, number) for unit in checked}
            ends = {unit: (min(seen), max(seen)) for unit, seen in found.items() if seen}
            for unit, (low, high) in ends.items():
                assert (unit, field.low(unit), field.high(unit)) == (unit, low, high)
            for unit in found.keys() - ends.keys():
                assert (unit, field.high(unit) - field.low(unit)) == (unit, -1)
            if bounded:
                continue
            longest = max((high - low + 1 for low, high in ends.values()), default=0)
            turn = max(map(endless.turn, endless.ways(place, number)), default=1)
            if turn <= len(units):
                assert field.size == longest
            if 0 in ends:
                assert field.padding == -ends[0][0]
                assert field.centre == Fraction(sum(ends[0]), 2)
                assert Fraction(field.twice_centre("edge"), 2) == field.centre + Fraction(1, 2)


def _is_bounded(graph: Graph, endless: Endless) -> bool:
    """Whether some field cannot be told for units that are not there."""
    for place in range(len(graph.inputs), graph.size):
        if at_most(graph, place) > MOST_WAYS:
            return True
        for number in range(len(graph.inputs)):
            ways = list(endless.ways(place, number))
            moving = {jump for way in ways if (jump := endless.jump(way))}
            if len(moving) > 1 or any(endless.turn(way) > endless.sizes[place] for way in ways):
                return True
    return False


def _is_inside(endless: Endless, place: int, unit: int) -> bool:
    """Whether everything between the unit and the pixels that it sees exists."""
    if not 0 <= unit < endless.sizes[place]:
        return False
    if place < len(endless.graph.inputs):
        return True
    taps = [
        (source, tap)
        for which, source in enumerate(endless.graph.step(place).inputs)
        for tap in endless.reads(place, which, unit)
    ]
    return all(_is_inside(endless, source, tap) for source, tap in taps)


@pytest.mark.slow
@settings(max_examples=150)
@given(graphs())
def test_paths_of_a_field(graph: Graph) -> None:
    """The jump, the smallest and the largest path, and how far the centres lie apart, from each path by itself."""
    assume(at_most(graph, graph.size - 1) <= MOST_WAYS)
    followed, rows = Followed(graph), analysed(graph)
    place = graph.size - 1
    for axis in range(len(followed.sizes[0])):
        endless = Endless(graph, followed.sizes, axis)
        for number, name in enumerate(rows.network.input_names):
            ways = [way for way in endless.ways(place, number) if _sees(endless, way)]
            if ways:
                _check_centres(rows.rows[place].fields[name][axis], endless, ways)
                if not _is_bounded(graph, endless) and all(endless.turn(way) == 1 for way in ways):
                    _check_sizes(rows.rows[place].fields[name][axis], endless, ways)


def _sees(endless: Endless, way: Way) -> bool:
    """Whether any unit sees anything on this path: a stride may pick the gaps of a transposed convolution alone."""
    return any(endless.seen_along(way, unit) for unit in range(endless.turn(way)))


def _check_centres(field: Field, endless: Endless, ways: list[Way]) -> None:
    moving = [way for way in ways if endless.jump(way)]
    jumps = {endless.jump(way) for way in moving}
    assert field.jump == min(jumps, default=0)
    if len(jumps) == 1:
        centres = [endless.centre(way) for way in moving]
        assert field.offset == max(centres) - min(centres)
    if moving:
        assert field.is_aligned == (len(jumps) == 1 and field.offset == 0)


def _check_sizes(field: Field, endless: Endless, ways: list[Way]) -> None:
    """Where all units see alike: else which path sees most differs from unit to unit."""
    moving = [way for way in ways if endless.jump(way)]
    sizes = [max(seen) - min(seen) + 1 for way in ways if (seen := endless.seen_along(way, 0))]
    own = [max(seen) - min(seen) + 1 for way in moving if (seen := endless.seen_along(way, 0))]
    document = field_document([field])
    if moving:
        assert document.get("min", document)["size"] == [min(own)]
        largest = document.get("max", document)["size"][0]
        assert largest == max(sizes) if moving == ways else max(sizes) <= largest <= field.size


# Tables made by hand

TABLE_1 = {
    # arXiv:1409.1556, Table 1: the numbers of 3x3 convolutions before each pooling; then what pool5 and fc6 see
    "A": ((1, 1, 2, 2, 2), 150, 342),
    "B": ((2, 2, 2, 2, 2), 156, 348),
    "D": ((2, 2, 3, 3, 3), 212, 404),
    "E": ((2, 2, 4, 4, 4), 268, 460),
}


@pytest.mark.parametrize("name", TABLE_1)
def test_vgg_by_the_textbook(name: str) -> None:
    """Every layer of A, B, D and E has the field of r = r + (k - 1)*j, P = P + p*j, j = j*s; fc6 is a 7x7."""
    stages, pool5, fc6 = TABLE_1[name]
    rows = load(name).analyse()
    r, padding, j = 1, 0, 1
    for stage, convs in enumerate(stages, 1):
        for layer in [f"conv{stage}_{number}" for number in range(1, convs + 1)]:
            r, padding = r + 2 * j, padding + j
            assert table(rows, layer) == (r, j, padding, Fraction(r - 1, 2) - padding)
        r, j = r + j, 2 * j
        assert table(rows, f"pool{stage}") == (r, j, padding, Fraction(r - 1, 2) - padding)
    assert (r, r + 6 * j) == (pool5, fc6)
    assert table(rows, "fc6") == (fc6, 32, padding, Fraction(fc6 - 1, 2) - padding)
    dense = load(name).analyse(dense=True)
    assert table(dense, "fc6") == table(rows, "fc6")


def table(rows: Report, layer: str, name: str = "input") -> tuple[Any, ...]:
    """Size, jump, padding and centre of a layer, which must be the same on all axes."""
    (found,) = {(field.size, field.jump, field.padding, field.centre) for field in rows.row(layer).fields[name]}
    return found


def spec(layers: str, size: str = "32x32x1") -> Report:
    """The figures of some layers, each on a line of its own."""
    lines = "".join(f"      - {line.strip()}\n" for line in layers.strip().splitlines())
    return report(f"family: net\nvariants:\n  net:\n    input: {size}\n    layers:\n{lines}")


U_NET = """
    {conv3-1: {name: a, padding: 1}}
    {maxpool: {name: down}}
    {conv3-1: {name: b, padding: 1}}
    {convtranspose2-1/2: {name: up}}
    {concat: {name: both, from: [a, up]}}
    {conv3-1: {name: c, padding: 1}}
"""

U_NET_FIELDS = {
    # size, jump, padding and centre of unit 0
    "a": (3, 1, 1, 0),  # -1 to 1
    "down": (4, 2, 1, Fraction(1, 2)),  # units 0 and 1 of a: -1 to 2
    "b": (8, 2, 3, Fraction(1, 2)),  # units -1 to 1, each 2 further: -3 to 4
    "up": (8, 1, 3, Fraction(1, 2)),  # units 0 and 1 see unit 0 of b
    "both": (8, 1, 3, Fraction(1, 2)),  # a lies within it
    "c": (10, 1, 5, Fraction(-1, 2)),  # units -1 to 1; unit -1 sees unit -1 of b, -5 to 2: -5 to 4
}


@pytest.mark.parametrize("layer", U_NET_FIELDS)
def test_down_and_up_again(layer: str) -> None:
    """A U of one step sees what its units do, by hand."""
    assert table(spec(U_NET), layer) == U_NET_FIELDS[layer]


def test_down_and_up_again_keeps_both_paths() -> None:
    """In a U the shortcut is the smallest path and the way down and up the largest; their centres are the same."""
    rows = spec(U_NET)
    found = field_document(rows.row("c").fields["input"])
    assert found["min"] == {"size": [5, 5], "padding": [2, 2]}  # two 3x3
    assert found["max"]["size"] == [10, 10]
    assert found["aligned"] is True
    assert list(misalignments(rows)) == []


JUMPS = {
    # layers; size and jump of the last
    "upsample2": (1, Fraction(1, 2)),
    "upsample2, conv3-1": (2, Fraction(1, 2)),  # of 0 0 1 1 2 2, three see two pixels
    "upsample2, upsample2, conv3-1": (2, Fraction(1, 4)),
    "conv3-1/2, upsample3": (3, Fraction(2, 3)),
    "conv3-1/2, upsample3, conv3-1": (5, Fraction(2, 3)),  # two neighbours of the stride-2 map: 0 to 2 and 2 to 4
    "conv3-1/2, upsample3, conv5-1": (7, Fraction(2, 3)),  # u = 2: of 0 0 0 1 1 1 2 2 2, the third to the seventh
    "upsample3, maxpool2": (2, Fraction(2, 3)),  # of 0 0 0 1 1 1: 00, 01, 11
    "upsample3, maxpool3": (1, 1),
    "convtranspose4-1/2": (2, Fraction(1, 2)),
    "convtranspose3-1/2": (2, Fraction(1, 2)),  # 1 or 2 pixels by turns
    "convtranspose4-1/2, conv3-1": (3, Fraction(1, 2)),
    "{upsample2: {mode: bilinear}}": (2, Fraction(1, 2)),
    "{upsample2: {mode: bilinear}}, conv3-1": (3, Fraction(1, 2)),
    "maxpool, {upsample: {size: 32}}": (2, 1),
    "maxpool, {upsample: {size: 24}}": (2, Fraction(4, 3)),  # 16 to 24: 2 * 2/3
    "{adaptiveavgpool: {output_size: 5}}": (8, Fraction(32, 5)),  # floor(6.4 i) to ceil(6.4 (i + 1)) - 1: 12 to 19
}


@pytest.mark.parametrize("layers", JUMPS)
def test_jumps_are_exact_fractions(layers: str) -> None:
    """Behind an upsampling the jump is a fraction, never a float, and the size is that of the unit that sees most."""
    lines = re.sub(r", (?=[a-z{][a-z0-9]+(?:[-/:0-9]|$|,)|\{)", "\n", layers)
    rows = spec(lines, "32x1")
    (field,) = rows.rows[-1].fields["input"]
    assert (field.size, field.jump) == JUMPS[layers]
    assert isinstance(field.jump, int | Fraction)


def test_a_dilated_transposed_convolution_reads_less_than_its_box() -> None:
    """Kernel 5, stride 2, dilation 3, padding 6: unit 31 is 37 = 2*14 + 3*3 = 2*17 + 3*1, and no other pixel's."""
    rows = spec("{convtranspose5-1/2: {name: up, dilation: 3, padding: half}}", "40x1")
    (field,) = rows.row("up").fields["input"]
    assert (field.low(31), field.high(31)) == (14, 17)
    box = seen_by(rows, rows.row("up"), (31,))["input"]
    assert (box.first, box.last, box.seen, box.padding_pixels) == ((14,), (17,), ((14,), (17,)), 0)


def test_gaps_of_a_transposed_convolution_see_nothing() -> None:
    """A 1x1 that spreads by 2 leaves every second unit empty; the next 3x1 sees one or two pixels by turns."""
    rows = spec("{convtranspose1-1/2: {name: up}}\n{conv3-1: {name: c, padding: 1}}", "8x1")
    (up,), (c,) = rows.row("up").fields["input"], rows.row("c").fields["input"]
    assert [(up.low(unit), up.high(unit)) for unit in range(4)] == [(0, 0), (1, 0), (1, 1), (2, 1)]
    assert [(c.low(unit), c.high(unit)) for unit in range(4)] == [(0, 0), (0, 1), (1, 1), (1, 2)]
    box = seen_by(rows, rows.row("up"), (1,))["input"]
    assert (box.pixels, box.seen) == (0, None)


def test_a_gap_adds_nothing_to_another_path() -> None:
    """Where a path has a gap, a merged unit sees what the other path sees, wherever that lies."""
    rows = spec("""
        {convtranspose1-1/2: {name: up}}
        {pad: {name: other, from: input, padding: [[0, 7]]}}
        {concat: {name: both, from: [up, other]}}
    """, "8x1")  # fmt: skip
    (both,) = rows.row("both").fields["input"]
    assert [(both.low(unit), both.high(unit)) for unit in (4, 5, 7)] == [(2, 4), (5, 5), (7, 7)]


def test_a_path_that_reads_only_gaps_adds_nothing() -> None:
    """A stride that meets the gaps alone sees nothing; merged with another path, the field is that other path's."""
    rows = spec("""
        {convtranspose1-1/2: {name: up}}
        {crop: {name: odd, cropping: [[1, 0]]}}
        {conv1-1/2: {name: blind}}
        {conv3-1: {name: other, from: input}}
        {crop: {name: cut, from: input, size: 7}}
        {add: {name: sum, from: [cut, blind]}}
    """, "8x1")  # fmt: skip
    assert (rows.row("odd").fields["input"][0].size, rows.row("blind").fields["input"][0].size) == (1, 0)
    assert table(rows, "sum") == table(rows, "cut") == (1, 1, 0, 0)


MERGED = {
    # layers of a body beside the input itself; by how far their centres lie apart, and as a sentence
    "{conv3-1/2: {padding: 1}}|{upsample2: {name: body}}": "add is not aligned: by half a pixel between body and input",
    "{conv3-1/2: {padding: 1}}|{convtranspose3-1/2: {name: body, padding: 1, output_padding: 1}}": "",
    "{conv3-1: {name: body, padding: 1}}": "",
    "{conv2-1: {name: body, padding: [[0, 1]]}}": "add is not aligned: by half a pixel between input and body",
    "{conv3-1: {name: body, padding: [[0, 2]]}}": "add is not aligned: by 1 pixel between input and body",
    "{conv5-1: {name: body, padding: [[4, 0]]}}": "add is not aligned: by 2 pixels between body and input",
    # unit u of a pooling by 4 that is repeated 4 times sees the 4 pixels of its block: on average 0
    "maxpool4|{upsample4: {name: body}}": "",
    # every fourth pixel repeated 4 times: u - 0, 1, 2, 3, on average 3/2 to the left
    "{conv1-1/4: {}}|{upsample4: {name: body}}": "add is not aligned: by 3/2 pixels between body and input",
    # unit 0 of both sees pixel 0, and then they part
    "conv1-1/2|{pad: {name: body, padding: [[0, 16]]}}": "add is not aligned: input moves by 1 pixel a unit, body by 2",
    # the body has 32 positions too, but they are twice as dense and begin at pixel 8, or half as dense and at -16
    "upsample2|{crop32: {name: body}}": "add is not aligned: input moves by 1 pixel a unit, body by 1/2",
    "maxpool|{pad: {name: body, padding: 8}}": "add is not aligned: body moves by 2 pixels a unit, input by 1",
}


@pytest.mark.parametrize("body", MERGED)
def test_misalignment_is_told(body: str) -> None:
    """A merge whose paths look at different places says so, by how far and between which layers."""
    lines = [*body.split("|"), "{add: {name: add, from: [input, body]}}"]
    rows = spec("\n".join(lines), "32x1")
    said = [misalignment_text(found) for found in misalignments(rows)]
    assert said == ([MERGED[body]] if MERGED[body] else [])
    assert rows.row("add").fields["input"][0].is_aligned == (not said)


def test_misalignment_is_told_once() -> None:
    """What lies below a merge that is not aligned inherits it, and is not told again."""
    rows = spec("""
        {conv2-1: {name: body, padding: [[0, 1]]}}
        {add: {name: first, from: [input, body]}}
        {conv3-1: {name: below, padding: 1}}
        {add: {name: second, from: [first, below]}}
    """, "32x1")  # fmt: skip
    assert [found.layer for found in misalignments(rows)] == ["first"]
    assert not rows.row("second").fields["input"][0].is_aligned


def test_misalignment_beside_a_gate() -> None:
    """A gate has no centre: the pixel lies between the two others."""
    rows = spec("""
        {conv3-1: {name: a, padding: 1}}
        {conv3-1: {name: b, from: input, padding: [[0, 2]]}}
        {globalavgpool: {name: g, from: a}}
        {multiply: {name: m, from: [g, b, a]}}
    """, "8x1")  # fmt: skip
    assert [misalignment_text(found) for found in misalignments(rows)] == [
        "m is not aligned: by 1 pixel between a and b"
    ]


def test_misalignment_on_a_map_of_one_position() -> None:
    """Where a map has fewer positions than its pattern, a merge is judged all the same."""
    rows = spec("{branches: {merge: concat, paths: [[upsample2, conv4-1], [conv1-1, crop1]]}}", "2x1")
    assert [found.jumps for found in misalignments(rows)] == [(1, Fraction(1, 2))]


GATE = """
    {conv3-4: {name: a, padding: 1}}
    {globalavgpool: {name: g}}
    {multiply: {name: m, from: [a, g]}}
    {conv3-4: {name: b, padding: 1}}
"""


@pytest.mark.parametrize(
    ("row", "axes"),
    [
        ("", []),
        # a row that lies one pixel aside, and is spread along the height: the width has two paths that disagree
        (", [{avgpool: {kernel_size: [8, 1]}}, {conv: {kernel_size: [1, 3], padding: [0, [2, 0]], out_channels: 3}},"
         " {upsample: {size: [8, 8]}}]", [1]),
    ],
)  # fmt: skip
def test_misalignment_beside_a_column(row: str, axes: list[int]) -> None:
    """What is spread along an axis looks at no place of its own there, though its column lies one pixel aside."""
    column = "[{avgpool: {kernel_size: [1, 8]}}, {conv: {kernel_size: [3, 1], padding: [[2, 0], 0], out_channels: 3}}]"
    branches = f"{{branches: {{merge: add, paths: [[identity], {column}{row}]}}}}"
    spec = f"{{family: f, input: 8x8x3, layers: [{branches}, maxpool2]}}"
    report = texts.report(spec)
    assert [row.fields["input"][0].offset for row in report.rows[-2:]] == [1, 1]  # and stays where they have met
    assert [found.axis for found in misalignments(report)] == axes


def test_a_gate_sees_everything_and_the_path_stays_local() -> None:
    """Behind squeeze and excitation each unit sees the whole image; the smallest path is the two 3x3 by themselves."""
    rows = spec(GATE, "16x16x4")
    for unit in product((0, 7, 15), repeat=2):
        assert seen_by(rows, rows.row("m"), unit)["input"].seen == ((0, 0), (15, 15))
        assert seen_by(rows, rows.row("b"), unit)["input"].seen == ((0, 0), (15, 15))
    found = field_document(rows.row("b").fields["input"])
    assert found["min"]["size"] == [5, 5]
    assert found["max"]["size"] >= [18, 18]  # all 16 pixels through a 3x3
    assert found["aligned"] is True
    assert found["jump"] == [1, 1]


@pytest.mark.parametrize("layer", ["m", "b"])
def test_no_unit_beside_a_gate_sees_more_than_the_size(layer: str) -> None:
    """The size of a field is that of the unit that sees most, also where one path sees everything."""
    rows = spec(GATE, "16x1")
    boxes = [seen_by(rows, rows.row(layer), (unit,))["input"] for unit in range(16)]
    (field,) = rows.row(layer).fields["input"]
    assert field.size == max(box.pixels for box in boxes)


def test_two_inputs_have_a_field_each() -> None:
    """Each input has its own field; a layer that reads one only has none of the other."""
    rows = report("""
family: net
variants:
  net:
    input: {left: 16x16x1, right: 32x32x1}
    layers:
      - {conv5-1: {name: a, from: left, padding: 2}}
      - {conv3-1/2: {name: b, from: right, padding: 1}}
      - {add: {name: sum, from: [a, b]}}
      - {conv3-1: {name: c, padding: 1}}
""")
    assert set(rows.row("a").fields) == {"left"}
    assert set(rows.row("b").fields) == {"right"}
    assert table(rows, "sum", "left") == (5, 1, 2, 0)
    assert table(rows, "sum", "right") == (3, 2, 1, 0)
    assert table(rows, "c", "left") == (7, 1, 3, 0)  # 5 + 2*1
    assert table(rows, "c", "right") == (7, 2, 3, 0)  # 3 + 2*2
    boxes = seen_by(rows, rows.row("c"), (0, 15))
    assert boxes["left"].seen == ((0, 12), (3, 15))  # -3 to 3 and 12 to 18
    assert boxes["right"].seen == ((0, 27), (3, 31))  # -3 to 3 and 27 to 33
    assert boxes["right"].padding_pixels == 7 * 7 - 4 * 5
    assert seeing(rows, "left", (0, 0))[rows.network.find("b")] == ()


def test_axes_are_told_apart() -> None:
    """Height, width and, in three dimensions, depth have fields of their own, in this order."""
    rows = spec("""
        {conv: {name: a, kernel_size: [1, 3, 5], out_channels: 1, stride: [1, 2, 3], padding: [0, 1, 2]}}
        {conv: {name: b, kernel_size: [7, 1, 2], out_channels: 1, dilation: [2, 1, 3]}}
    """, "32x32x32x1")  # fmt: skip
    fields = rows.row("b").fields["input"]
    assert [field.size for field in fields] == [13, 3, 14]  # 1 + 6*2*1, 3 + 0, 5 + 1*3*3
    assert [field.jump for field in fields] == [1, 2, 3]
    assert [field.padding for field in fields] == [0, 1, 2]


def test_crossing_paths_are_no_square() -> None:
    """Units whose paths go along one axis each see a cross: their number is not the product of the axes."""
    rows = spec("""
        {conv: {name: a, kernel_size: [1, 7], out_channels: 1, padding: [0, 3]}}
        {conv: {name: b, from: input, kernel_size: [7, 1], out_channels: 1, padding: [3, 0]}}
        {add: {name: sum, from: [a, b]}}
    """)  # fmt: skip
    assert how_many(seeing(rows, "input", (16, 16))[rows.network.find("sum")]) == 13  # 7 + 7 - 1


def test_what_two_paths_see_is_not_mixed() -> None:
    """A unit both of whose paths end in the padding sees nothing, though each of its rows and columns is read."""
    rows = spec("""
        {pad1: {name: padded}}
        {crop: {name: right, cropping: [[0, 3], [3, 0]]}}
        {crop: {name: below, from: padded, cropping: [[3, 0], [0, 3]]}}
        {concat: {name: both, from: [right, below]}}
    """, "4x4x1")  # fmt: skip
    # (0, 3) and (3, 0) of 6x6 lie in the rim; (3, 3), the row of one and the column of the other, is pixel (2, 2)
    assert seen_by(rows, rows.row("both"), (0, 0))["input"].seen is None
    assert seen_by(rows, rows.row("both"), (1, 1))["input"].seen == ((0, 0), (3, 3))  # (1, 4) and (4, 1)


def test_paths_of_different_speed() -> None:
    """A unit far from the corner sees what its paths see there, not what unit 0 sees moved along."""
    rows = spec("{branches: {merge: concat, paths: [[maxpool2], [crop4]]}}", "8x1")
    boxes = [seen_by(rows, rows.rows[-1], (unit,))["input"] for unit in range(4)]
    # a pooling: 2u and 2u + 1; beside it a crop by 2: u + 2
    assert [(box.first, box.last) for box in boxes] == [((0,), (2,)), ((2,), (3,)), ((4,), (5,)), ((5,), (7,))]
    assert [(box.first, box.last) for box in boxes] == [box.seen for box in boxes]
    assert not any(box.padding_pixels for box in boxes)


# Any length


def test_resizing_again_and_again_needs_no_more_memory() -> None:
    """Sizes that share no factor do not multiply: the tables of a field stay short."""
    rows = spec("{repeat: {times: 30, layers: [conv3-1, {upsample: {size: 31}}]}}", "31x1")
    (field,) = rows.rows[-1].fields["input"]
    assert len(field.whole.lows) <= 64
    assert field.jump == Fraction(29, 31) ** 30


def chain(length: int) -> Network:
    """So many 3x3 convolutions."""
    conv = REGISTRY["conv"](kernel_size=3, out_channels=1, padding=1)
    nodes = [Node("input", REGISTRY["input"](), ())]
    nodes += [Node(f"conv{number}", conv, (number,)) for number in range(length)]
    return Network("chain", tuple(nodes), (Shape(1, (16,)),), (length,))


def densely(length: int) -> Network:
    """So many 3x3 convolutions in one dense block: each reads the running map, and is concatenated with it."""
    conv = REGISTRY["conv"](kernel_size=3, out_channels=1, padding=1)
    nodes = [Node("input", REGISTRY["input"](), ())]
    for number in range(length):
        running = len(nodes) - 1
        nodes.append(Node(f"conv{number}", conv, (running,)))
        nodes.append(Node(f"concat{number}", REGISTRY["concat"](), (running, running + 1)))
    return Network("dense", tuple(nodes), (Shape(1, (16,)),), (len(nodes) - 1,))


def every_to_every(length: int) -> Network:
    """The same with one concatenation of all earlier layers before each convolution: edges grow as the square."""
    conv = REGISTRY["conv"](kernel_size=3, out_channels=1, padding=1)
    nodes = [Node("input", REGISTRY["input"](), ())]
    ends = [0]
    for number in range(length):
        nodes.append(Node(f"concat{number}", REGISTRY["concat"](), tuple(ends)))
        nodes.append(Node(f"conv{number}", conv, (len(nodes) - 1,)))
        ends.append(len(nodes) - 1)
    return Network("dense", tuple(nodes), (Shape(1, (16,)),), (len(nodes) - 1,))


@pytest.mark.slow
def test_a_chain_of_100_000_layers() -> None:
    """The fields of 100,000 3x3 layers, without a limit of depth; a unit's box and the units of a pixel too."""
    rows = analyse(chain(100_000))
    (field,) = rows.rows[-1].fields["input"]
    assert (field.size, field.jump, field.padding) == (200_001, 1, 100_000)
    part = analyse(chain(10_000))
    assert seen_by(part, part.rows[-1], (3,))["input"].seen == ((0,), (15,))
    assert how_many(seeing(part, "input", (3,))[-1]) == 16
    assert not list(misalignments(part))


@pytest.mark.slow
def test_a_dense_block_of_1000_layers() -> None:
    """A thousand layers in one block: the shortest path is the input itself, the longest goes through all."""
    rows = analyse(densely(1000))
    (field,) = rows.rows[-1].fields["input"]
    assert (field.size, field.smallest.size, field.is_aligned) == (2001, 1, True)
    assert seen_by(rows, rows.rows[-1], (3,))["input"].seen == ((0,), (15,))
    assert how_many(seeing(rows, "input", (3,))[-1]) == 16
    assert not list(misalignments(rows))


@pytest.mark.slow
def test_the_spec_of_a_dense_block_of_1000_layers() -> None:
    """The same written down as a spec."""
    new = '{conv3-1: {name: "new$(i)", padding: 1}}'
    running = '{concat: {name: "map$(i + 1)", from: ["map$(i)", "new$(i)"]}}'
    repeat = f"{{repeat: {{times: 1000, index: i, layers: [{new}, {running}]}}}}"
    rows = spec(f"{{conv1-1: {{name: map0}}}}\n{repeat}")
    assert table(rows, "map1000") == (2001, 1, 1000, 0)
    assert rows.row("map1000").output == Shape(1001, (32, 32))


GROWING = {
    # a network by its length, a length, and by how much layers and edges grow with four times the length
    "chain": (chain, 1000, 4),
    "dense block": (densely, 250, 4),
    "every to every": (every_to_every, 30, 16),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", GROWING)
def test_time_is_linear_in_layers_and_edges(name: str) -> None:
    """Four times the layers and edges take about four times the time: far from the sixteen times of a square."""
    network, length, growth = GROWING[name]
    small, large = network(length), network(4 * length)
    ratio = least_seconds(lambda: analyse(large)) / least_seconds(lambda: analyse(small))
    assert ratio < 2 * growth, f"{ratio:.2f} times the time for {growth} times the work"


@pytest.mark.parametrize(
    ("layers", "size"),
    [
        # three units share ten pixels out, 0 to 3, 3 to 6 and 6 to 9, and one unit sees them all
        ("adaptiveavgpool3, fc-2", 10),
        ("{convtranspose3-4/2: {padding: 1}}, globalavgpool", 10),
        ("maxpool, upsample3, {conv3-2/2: {padding: 0}}, globalavgpool", 10),
    ],
)
def test_a_map_of_one_unit_sees_what_that_unit_sees(layers: str, size: int) -> None:
    """A pattern that would repeat after several units says nothing of units that the map does not have."""
    report = load(f"family: few\ninput: 10x10x1\nlayers: [{layers}]\n").analyse()
    last = report.rows[-1]
    box = seen_by(report, last, (0, 0))["input"]
    assert box.seen == ((0, 0), (9, 9))
    assert [field.size for field in last.fields["input"]] == [size, size]
