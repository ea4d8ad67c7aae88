"""Fields where layers choose among channels: against an oracle that follows every channel of every position."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import oracle
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from paths import Graph, Step
from texts import model, report

from vggcalc import Network, Node, Report, Shape
from vggcalc.analysis.analyse import analyse
from vggcalc.analysis.derive import derive
from vggcalc.analysis.pixels import seeing, seen_by
from vggcalc.errors import ShapeError
from vggcalc.layers import REGISTRY

Value = tuple[int, int]
"""A channel and a position of a 1-d map."""

SPATIAL = ("conv", "dwconv", "convmap", "maxpool", "upsample", "globalavgpool", "fc")
CHANNELWISE = ("dwconv", "maxpool", "upsample", "globalavgpool", "relu", "batchnorm", "add", "multiply")


class Followed:
    """The pixels that every value of every layer is computed from, on 1-d maps; layer by layer, in sets."""

    def __init__(self, graph: Graph, channels: int, gradient: bool = False) -> None:
        self.gradient = gradient
        self.shapes = [(channels, size[0]) for size in graph.inputs]
        self.pixels: list[dict[Value, frozenset[Value]]] = [
            {value: frozenset({(number, value[1])}) for value in product(range(channels), range(size[0]))}
            for number, size in enumerate(graph.inputs)
        ]
        for step in graph.steps:
            made = self._made(step, [self.shapes[source] for source in step.inputs])
            self.shapes.append((1 + max(c for c, _ in made), 1 + max(u for _, u in made)))
            self.pixels.append(
                {
                    value: frozenset().union(*(self.pixels[step.inputs[which]][read] for which, read in reads))
                    for value, reads in made.items()
                }
            )

    def seen_by(self, place: int, unit: int) -> set[int]:
        """The pixels of the first input that any channel at this position is computed from."""
        channels = range(self.shapes[place][0])
        return {pixel for c in channels for number, pixel in self.pixels[place][c, unit] if number == 0}

    def _made(self, step: Step, shapes: list[tuple[int, int]]) -> dict[Value, list[tuple[int, Value]]]:
        """For each value of the layer's output, the values that it reads: of which input, channel and position."""
        made = {}
        (units, touched), out = self._positions(step, shapes), list(self._channels(step, shapes))
        for (channel, reads), unit in product(enumerate(out), range(units)):
            made[channel, unit] = [
                (which, (c, at))
                for which, c in reads
                for at in (touched(unit) if step.kind in SPATIAL or shapes[which][1] > 1 else [0])
                if at < shapes[which][1]
            ]
        return made

    def _positions(self, step: Step, shapes: list[tuple[int, int]]) -> tuple[int, Any]:
        n = max(size for _, size in shapes)
        over_map = step.kind == "groupnorm" or {"all", False} & set(step.fields.values())
        if self.gradient and over_map:
            return n, lambda unit: range(n)
        if step.kind not in SPATIAL:
            return n, lambda unit: [unit]
        fields = {name: value for name, value in step.fields.items() if name not in ("groups", "connections")}
        kind = "conv" if step.kind == "convmap" else step.kind
        if kind == "conv":
            fields["out_channels"] = 1
        seen = oracle.observe(kind, 1, (n,), fields)
        return seen.spatial[0], lambda unit: [at for (at,) in seen.touched[unit,] if 0 <= at < n]

    def _channels(self, step: Step, shapes: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
        """For each channel of the output, the input and the channel of what it is made from."""
        kind, fields, every = step.kind, step.fields, range(shapes[0][0])
        if kind == "concat":
            for which, (count, _) in enumerate(shapes):
                yield from ([(which, channel)] for channel in range(count))
        elif kind == "slice":
            yield from ([(0, channel)] for channel in list(every)[fields.get("start", 0) : fields.get("stop")])
        elif kind == "channelshuffle":
            dealt = list(every)
            rows = [dealt[i :: len(every) // fields["groups"]] for i in range(len(every) // fields["groups"])]
            yield from ([(0, channel)] for row in rows for channel in row)
        elif kind == "padchannels":
            yield from ([(0, channel)] if channel in every else [] for channel in range(fields["out_channels"]))
        elif kind == "convmap":
            yield from ([(0, channel) for channel in row] for row in fields["connections"])
        elif kind in ("conv", "groupnorm"):
            groups = fields.get("groups", fields.get("num_groups", 1))
            out = fields.get("out_channels", len(every))
            for channel in range(out):
                group = channel * groups // out
                yield [(0, c) for c in every if c * groups // len(every) == group]
        elif kind == "lrn":
            yield from ([(0, c) for c in every if -(3 // 2) <= c - channel <= (3 - 1) // 2] for channel in every)
        elif kind in CHANNELWISE:
            yield from ([(which, channel) for which in range(len(shapes))] for channel in every)
        else:
            yield from ([(0, c) for c in every] for _ in range(fields.get("out_features", len(every))))


LINES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("conv", {"kernel_size": 3, "out_channels": 2, "padding": 1}),
    ("conv", {"kernel_size": 3, "out_channels": 4, "padding": 1, "groups": 2}),
    ("conv", {"kernel_size": 1, "out_channels": 3}),
    ("dwconv", {"kernel_size": 3, "padding": 1}),
    ("convmap", {"kernel_size": 3, "padding": 1, "connections": ((0,), (0, 1))}),
    ("maxpool", {"kernel_size": 2, "stride": 1, "padding": 1}),
    ("upsample", {"size": 6}),
    ("globalavgpool", {}),
    ("slice", {"stop": 1}),
    ("slice", {"start": 1}),
    ("slice", {"start": 1, "stop": 3}),
    ("channelshuffle", {"groups": 2}),
    ("padchannels", {"out_channels": 5}),
    ("relu", {}),
    ("batchnorm", {}),
    ("softmax", {}),
    ("layernorm", {}),
    ("groupnorm", {"num_groups": 2}),
    ("layernorm", {"normalized_shape": "all"}),
    ("batchnorm", {"track_running_stats": False}),
    ("l2norm", {}),
    ("lrn", {"size": 3}),
    ("fc", {"out_features": 2}),
    ("concat", {}),
    ("concat", {}),
    ("add", {}),
    ("multiply", {}),
)


@st.composite
def graphs(draw: st.DrawFn, size: int = 6, without: tuple[str, ...] = ()) -> Graph:
    """Graphs of up to ten layers on 1-d maps of two channels, with one input or two."""
    number = draw(st.sampled_from((1, 1, 2)))
    shapes = [Shape(2, (size,))] * number
    steps = []
    lines = [line for line in LINES if line[0] not in without]
    for kind, fields in draw(st.lists(st.sampled_from(lines), min_size=2, max_size=10)):
        places = st.one_of(st.just(len(shapes) - 1), st.integers(0, len(shapes) - 1))
        layer = REGISTRY[kind](**fields)
        sources = tuple(draw(places) for _ in range(2 if layer.inputs[1] is None else 1))
        if kind != "concat" and len({shapes[source] for source in sources}) > 1:
            continue  # one channel that serves all is followed elsewhere
        try:
            shapes.append(layer.output(*(shapes[source] for source in sources)))
        except ShapeError:
            continue
        steps.append(Step(kind, fields, sources))
    assume(any(step.kind in ("slice", "convmap") for step in steps))
    return Graph(((size,),) * number, tuple(steps))


def analysed(graph: Graph, gradient: bool = False) -> Report:
    """The figures of a graph."""
    inputs = [Node(f"input{number}", REGISTRY["input"](), ()) for number in range(len(graph.inputs))]
    layers = [
        Node(f"layer{place}", REGISTRY[step.kind](**step.fields), step.inputs)
        for place, step in enumerate(graph.steps, len(inputs))
    ]
    nodes = (*inputs, *layers)
    return analyse(
        Network("random", nodes, tuple(Shape(2, size) for size in graph.inputs), (len(nodes) - 1,)), gradient=gradient
    )


@pytest.mark.slow
@settings(max_examples=400)
@given(graphs(), st.booleans())
def test_boxes_follow_channels(graph: Graph, gradient: bool) -> None:
    """What a unit sees is what any of its channels is computed from, and no more."""
    followed, rows = Followed(graph, 2, gradient), analysed(graph, gradient)
    for place, row in enumerate(rows.rows):
        assert (row.output.channels, row.output.spatial[0]) == followed.shapes[place]
        for unit in range(followed.shapes[place][1]):
            boxes, expected = seen_by(rows, row, (unit,)), followed.seen_by(place, unit)
            seen = boxes["input0"].seen if "input0" in boxes else None
            assert seen == (((min(expected),), (max(expected),)) if expected else None), (place, unit)


@pytest.mark.slow
@settings(max_examples=200)
@given(graphs(), st.booleans())
def test_units_that_see_a_pixel_follow_channels(graph: Graph, gradient: bool) -> None:
    """The units that see a pixel are those any of whose channels is computed from it."""
    followed, rows = Followed(graph, 2, gradient), analysed(graph, gradient)
    for pixel in range(6):
        for place, places in enumerate(seeing(rows, "input0", (pixel,))):
            units = {unit for (axis,) in places for unit in axis}
            expected = {unit for unit in range(followed.shapes[place][1]) if pixel in followed.seen_by(place, unit)}
            assert units == expected, (place, pixel)


@pytest.mark.slow
@settings(max_examples=200)
@given(graphs(size=41, without=("upsample", "globalavgpool", "fc", "multiply")))
def test_fields_follow_channels(graph: Graph) -> None:
    """Far from the borders a field ends at the first and the last pixel from which any channel is computed."""
    followed, rows = Followed(graph, 2), analysed(graph)
    for place, row in enumerate(rows.rows):
        seen = followed.seen_by(place, 20)
        field = row.fields["input0"][0] if "input0" in row.fields else None
        assert (min(seen), max(seen)) == (field.low(20), field.high(20)) if field and seen else not (field or seen)


@pytest.mark.slow
@settings(max_examples=200)
@given(graphs(size=41, without=("upsample", "globalavgpool", "fc", "multiply")))
def test_fields_hold_what_a_gradient_reaches(graph: Graph) -> None:
    """With the statistics of norms a field, cut to the image, ends where the gradient does."""
    followed, rows = Followed(graph, 2, gradient=True), analysed(graph, gradient=True)
    for place, row in enumerate(rows.rows):
        seen = followed.seen_by(place, 20)
        field = row.fields["input0"][0] if "input0" in row.fields else None
        cut = (max(0, field.low(20)), min(40, field.high(20))) if field else ()
        assert cut == ((min(seen), max(seen)) if seen else ())


NORMS = {
    # a norm between two 3x3 on 16 pixels; what the second sees by windows, and what a gradient from its unit 8 reaches
    "groupnorm-2": (5, (0, 15)),
    "{layernorm: {normalized_shape: all}}": (5, (0, 15)),
    "{batchnorm: {track_running_stats: false}}": (5, (0, 15)),
    "layernorm": (5, (6, 10)),
    "batchnorm": (5, (6, 10)),
    "lrn": (5, (6, 10)),
}


@pytest.mark.parametrize("norm", NORMS)
def test_windows_and_gradients(norm: str) -> None:
    """Statistics over a whole map are no window, and a gradient reaches through them; jump and alignment stay."""
    layers = f"[{{conv3-4: {{padding: 1}}}}, {norm}, {{conv3-4: {{padding: 1, name: c}}}}]"
    text = f"family: net\ninput: 16x1\nlayers: {layers}\n"
    size, reached = NORMS[norm]
    windows, gradients = model(text).analyse().row("c"), model(text).analyse(gradient=True).row("c")
    assert [field.size for field in windows.fields["input"]] == [size]
    (field,) = gradients.fields["input"]
    assert (max(0, field.low(8)), min(15, field.high(8))) == reached
    assert (field.jump, field.is_aligned, field.smallest.size) == (1, True, 5)
    box = seen_by(model(text).analyse(gradient=True), gradients, (8,))["input"]
    assert box.seen == ((reached[0],), (reached[1],))


TWO = """
    {conv3-4: {name: three, padding: 1}}
    {conv7-4: {name: seven, from: input, padding: 3}}
    {concat: {name: both, from: [three, seven]}}
"""


def test_what_a_slice_sees_is_derived_from_what_it_reads() -> None:
    """The arithmetic of a slice's field is that of its own branch, not of the concatenation above it."""
    rows = report("family: net\ninput: 32x32x1\nlayers:\n" + TWO.replace("    {", "  - {") + "  - {slice: {stop: 4}}\n")
    lines = {
        line.figure: line.formula for line in derive(rows, rows.rows[-1]).lines if line.figure in ("rf", "padding")
    }
    assert (lines["rf"].numbers, lines["rf"].value) == ("1 + 1 + 1", 3)  # -1 to 1
    assert lines["padding"].value == 1


AFTER = {
    # layers behind both; what the last sees
    "{slice: {stop: 4}}": 3,
    "{slice: {start: 4}}": 7,
    "{slice: {start: 3, stop: 5}}": 7,
    "{slice: {stop: 4}}, {conv3-2: {padding: 1}}": 5,
    "relu, {batchnorm: {name: n}}, {maxpool3/1: {padding: 1}}, {slice: {stop: 2}}": 5,  # a pooling keeps channels apart
    "{dwconv3: {padding: 1}}, {slice: {stop: 4}}": 5,
    "{conv3-4: {padding: 1, groups: 2}}, {slice: {stop: 2}}": 5,  # its first group reads the first four channels
    "{conv3-4: {padding: 1}}, {slice: {stop: 2}}": 9,
    "{channelshuffle-2: {name: s}}, {slice: {stop: 1}}": 3,
    "{channelshuffle-2: {name: s}}, {slice: {stop: 2}}": 7,  # dealt out in turn: 0, 4, 1, 5 ...
    "softmax, {slice: {stop: 1}}": 7,  # a softmax reads all channels
    "{convmap1: {connections: [[0, 1], [2]]}}": 3,
}


@pytest.mark.parametrize("layer", ["crop", "upsample"])
def test_what_gives_a_size_has_no_channels(layer: str) -> None:
    """A map that is read for its size alone may have fewer channels; nothing of it is seen behind a slice."""
    size = {"crop": 9, "upsample": 36}[layer]
    rows = report(f"""
family: net
input: {{input: 18x18x3, like: {size}x{size}x1}}
layers:
  - {{conv3-4: {{name: a, padding: 1, from: input}}}}
  - {{{layer}: {{name: b, from: [a, like]}}}}
  - {{slice: {{name: c, start: 2}}}}
""").rows
    assert [field.size for field in rows[-1].fields["input"]] == [3, 3]
    assert list(rows[-1].fields) == ["input"]


@pytest.mark.parametrize("layers", AFTER)
def test_a_slice_sees_its_own_branch(layers: str) -> None:
    """Behind a concatenation of a 3x3 and a 7x7, what chooses channels sees what these see."""
    lines = [line.strip() for line in TWO.strip().splitlines()] + layers.replace("}, {", "}\n{").replace(
        "relu, ", "relu\n"
    ).replace("softmax, ", "softmax\n").splitlines()
    rows = report("family: net\ninput: 32x32x1\nlayers:\n" + "".join(f"  - {line}\n" for line in lines))
    last = rows.rows[-1]
    assert [field.size for field in last.fields["input"]] == [AFTER[layers]] * 2
    box = seen_by(rows, last, (15, 15))["input"]
    assert box.seen is not None
    assert box.seen[1][0] - box.seen[0][0] + 1 == AFTER[layers]
