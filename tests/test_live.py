"""Memory that follows the graph: `live` and its best order against brute force, and `saved` by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from clock import least_seconds
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import BUNDLED, model, report

from vggcalc import Network, Report, load
from vggcalc.analysis.analyse import analyse
from vggcalc.conventions import count_memory
from vggcalc.layers import REGISTRY, ROLES
from vggcalc.memory.contiguity import overwrites
from vggcalc.memory.keeps import KEEPS
from vggcalc.memory.live import least_live, live
from vggcalc.memory.storage import owners

# Small graphs, simulated with sets


class Layer(NamedTuple):
    """A layer of a small graph: what it reads, the values of its output, and how it treats the memory it reads.

    shares: its output lies in the memory of its first input. writes: it changes what lies there.
    """

    kind: str
    inputs: tuple[int, ...]
    shape: tuple[int, int]
    fields: dict[str, Any]
    shares: bool = False
    writes: bool = False

    @property
    def values(self) -> int:
        """Channels times pixels."""
        channels, side = self.shape
        return channels * side * side


class Small(NamedTuple):
    """The layers, of which the first is the input, and those that are asked for."""

    layers: tuple[Layer, ...]
    outputs: tuple[int, ...]

    @property
    def text(self) -> str:
        """The same as a spec."""
        (channels, side), *_ = (layer.shape for layer in self.layers)
        steps = [
            {layer.kind: {"name": f"n{index}", "from": [f"n{source}" for source in layer.inputs], **layer.fields}}
            for index, layer in enumerate(self.layers)
            if index
        ]
        return json.dumps(
            {
                "family": "f",
                "input": {"n0": f"{side}x{side}x{channels}"},
                "layers": steps,
                "outputs": [f"n{index}" for index in self.outputs],
            }
        )

    @property
    def homes(self) -> list[int]:
        """For each layer, the one that allocates its output."""
        homes: list[int] = []
        for index, layer in enumerate(self.layers):
            homes.append(homes[layer.inputs[0]] if layer.shares else index)
        return homes

    @property
    def users(self) -> dict[int, set[int]]:
        """By who allocated a tensor, all who write, read or hand it on."""
        homes = self.homes
        users: dict[int, set[int]] = {home: set() for home in homes}
        for index, layer in enumerate(self.layers):
            for touched in {homes[index], *(homes[source] for source in layer.inputs)}:
                users[touched].add(index)
        return users

    def alive(self, order: tuple[int, ...]) -> list[int]:
        """The values alive while each layer runs: what is allocated and asked for, or used now or later."""
        users, kept = self.users, {self.homes[index] for index in self.outputs}
        found = []
        for step in range(len(order)):
            done, rest = set(order[: step + 1]), set(order[step:])
            tensors = {home for home in users if home in done and (home in kept or users[home] & rest)}
            found.append(sum(self.layers[home].values for home in tensors))
        return found

    def orders(self) -> Iterator[tuple[int, ...]]:
        """All in which it can run: inputs first, and who writes over a tensor in his place among those who use it."""
        before = {index: set(layer.inputs) for index, layer in enumerate(self.layers)}
        for users in self.users.values():
            for one in users:
                for other in users:
                    if one < other and (self.layers[one].writes or self.layers[other].writes):
                        before[other].add(one)
        yield from _orders(before, ())


def _orders(before: dict[int, set[int]], order: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    if len(order) == len(before):
        yield order
    for index, needed in before.items():
        if index not in order and needed <= set(order):
            yield from _orders(before, (*order, index))


@st.composite
def smalls(draw: st.DrawFn) -> Small:
    """An input and one to six layers; whatever nobody reads is asked for, and now and then something else."""
    found = [Layer("input", (), (draw(st.integers(1, 4)), draw(st.sampled_from([1, 2, 4]))), {})]
    for _ in range(draw(st.integers(1, 6))):
        source = draw(st.integers(0, len(found) - 1))
        channels, side = found[source].shape
        others = [i for i, layer in enumerate(found) if i != source and layer.shape[1] == side]
        alike = [i for i in others if found[i].shape[0] == channels]
        kinds = ["conv1", "conv1", "conv1", "relu", "dropout", "flatten", "identity"]
        kind = draw(st.sampled_from(kinds + ["add", "add"] * bool(alike) + ["concat", "concat"] * bool(others)))
        inplace = draw(st.booleans())
        if kind == "conv1":
            out = draw(st.integers(1, 9))
            found.append(Layer("conv", (source,), (out, side), {"kernel_size": 1, "out_channels": out}))
        elif kind in ("relu", "dropout"):  # out of training dropout hands on what it gets
            shares = inplace or kind == "dropout"
            writes = inplace and kind == "relu"
            found.append(Layer(kind, (source,), found[source].shape, {"inplace": inplace}, shares, writes))
        elif kind in ("flatten", "identity"):
            shape = (channels * side * side, 1) if kind == "flatten" else found[source].shape
            found.append(Layer(kind, (source,), shape, {}, shares=True))
        elif kind == "add":
            other = draw(st.sampled_from(alike))
            found.append(
                Layer("add", (source, other), found[source].shape, {"inplace": inplace}, inplace, writes=inplace)
            )
        else:
            other = draw(st.sampled_from(others))
            found.append(Layer("concat", (source, other), (channels + found[other].shape[0], side), {}))
    read = {source for layer in found for source in layer.inputs}
    outputs = [i for i in range(1, len(found)) if i not in read or not draw(st.integers(0, 5))]
    return Small(tuple(found), tuple(outputs))


@pytest.mark.slow
@given(smalls())
@settings(max_examples=300)
def test_live_is_that_of_sets(graph: Small) -> None:
    """In the network's order every layer has as much alive as a simulation with sets."""
    figures = report(graph.text)
    found = live(figures)
    order = tuple(range(len(graph.layers)))
    assert found.order == order
    assert list(found.values) == graph.alive(order)
    assert found.peak == max(graph.alive(order))
    assert found.at == graph.alive(order).index(found.peak)
    assert owners(figures) == graph.homes


@pytest.mark.slow
@given(smalls())
@settings(max_examples=300)
def test_least_live_is_the_least_of_all_orders(graph: Small) -> None:
    """No order in which the layers can run has a lower peak, and the one that is given has this one."""
    found = least_live(report(graph.text))
    orders = set(graph.orders())
    assert found.order in orders
    assert list(found.values) == graph.alive(found.order)
    assert found.peak == min(max(graph.alive(order)) for order in orders)


@st.composite
def branched(draw: st.DrawFn) -> Small:
    """Two paths of up to four layers or three of up to two, side by side, and their concatenation."""
    found = [Layer("input", (), (draw(st.integers(1, 9)), 1), {})]
    ends = []
    lengths = st.tuples(st.integers(2, 4), st.integers(2, 4)) | st.tuples(*[st.integers(1, 2)] * 3)
    for length in draw(lengths):
        source = 0
        for _ in range(length):
            out = draw(st.integers(1, 20))
            found.append(Layer("conv", (source,), (out, 1), {"kernel_size": 1, "out_channels": out}))
            source = len(found) - 1
        ends.append(source)
    channels = sum(found[end].shape[0] for end in ends)
    return Small((*found, Layer("concat", tuple(ends), (channels, 1), {})), (len(found),))


@pytest.mark.slow
@given(branched())
@settings(max_examples=200)
def test_least_live_of_branches(graph: Small) -> None:
    """The same where the paths compete: which goes first, and where one had better wait for the other."""
    found = least_live(report(graph.text))
    assert list(found.values) == graph.alive(found.order)
    assert found.peak == min(max(graph.alive(order)) for order in graph.orders())


@pytest.mark.slow
@given(smalls(), st.integers(1, 5))
@settings(max_examples=50)
def test_live_grows_with_the_batch(graph: Small, batch: int) -> None:
    """Of so many images everything alive is so many times as much."""
    one, several = (live(model(graph.text).analyse(batch=n)) for n in (1, batch))
    assert several.values == tuple(batch * values for values in one.values)


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
def test_least_live_of_all_models(name: str) -> None:
    """On every bundled model the best order is an order, and never above the network's own."""
    figures = analyse(load(name).network)
    own, best = live(figures), least_live(figures)
    assert own.peak >= best.peak >= max(own.values[: len(figures.network.input_shapes)])
    place = {index: at for at, index in enumerate(best.order)}
    assert len(place) == len(figures.rows)
    assert all(place[source] < place[index] for index, row in enumerate(figures.rows) for source in row.inputs)


# By hand


def test_vgg16() -> None:
    """conv1_2 reads a map of 224*224*64 and writes another: 6,422,528 values, 25,690,112 bytes."""
    figures = load("vgg16").analyse()
    found = live(figures)
    assert found.peak == 2 * 224 * 224 * 64 == 6_422_528
    assert figures.rows[found.at].name == "conv1_2"
    assert found.values[0] == 3 * 224 * 224  # the input alone
    assert found.values[1] == 67 * 224 * 224
    assert found.values[2] == 64 * 224 * 224  # ReLU writes over that map; the input is no longer needed
    assert least_live(figures) == found


def test_resnet50() -> None:
    """The sum of a unit's 56*56*256 is in place, but its normalisations are not: 3*56*56*256 values."""
    found = live(load("torchvision/resnet50").analyse())
    assert found.peak == 3 * 56 * 56 * 256 == 2_408_448


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "seen"),
    [("torchvision/densenet121", 8_429_568), ("torchvision/densenet161", 12_644_352), ("densenet121", 7_225_344)],
)
def test_densenet(name: str, seen: int) -> None:
    """Torchvision concatenates all maps of a block anew in every layer, while they live; the paper's grows one map.

    In the last layer of the first block: 64 + 5*32 = 224 maps of 56*56 in their list, joined, and normalised; of the
    wider one 96 + 5*48 = 336. Where one map grows: those 224 once, normalised, and the 128 of the 1x1 that reads them.
    Seen on torchvision 0.28, in the graph that torch.fx traces.
    """
    maps = {"torchvision/densenet121": 3 * 224, "torchvision/densenet161": 3 * 336, "densenet121": 2 * 224 + 128}[name]
    assert 4 * live(load(name).analyse()).peak == seen == 4 * 56 * 56 * maps


def test_residual() -> None:
    """A residual keeps its input beside both maps of its path.

    input 4*4*2 = 32. a: 32 + 32 = 64. r, in place: 64, for input is read again. b: input, a and b = 96. Then a goes;
    the sum beside input and b: 96.
    """
    text = """
family: f
input: 4x4x2
layers:
  - {conv3-2: {name: a, padding: 1}}
  - {relu: {name: r}}
  - {conv3-2: {name: b, padding: 1}}
  - {add: {name: sum, from: [b, input]}}
"""
    assert live(report(text)).values == (32, 64, 64, 96, 96)
    in_place = text.replace("from: [b, input]", "from: [b, input], inplace: true")
    assert live(report(in_place)).values == (32, 64, 64, 96, 64)


BRANCHES = """
family: f
input: 10x10x1
layers:
  - {conv1-2: {name: b}}
  - {conv1-8: {name: a1, from: input}}
  - {conv1-1: {name: a2}}
  - {concat: {name: both, from: [b, a2]}}
"""


def test_another_order_is_better() -> None:
    """The branch with the large map first: the other's result need not wait beside it.

    b, a1, a2, both: input 100, b 200 and a1 800 = 1,100; b, a1 and a2 100 = 1,100; 600 in the end.
    a1, a2, b, both: input and a1 = 900; input, a1 and a2 = 1,000; input, a2 and b = 400; 600.
    """
    figures = report(BRANCHES)
    assert live(figures).values == (100, 300, 1100, 1100, 600)
    assert least_live(figures) == ((0, 2, 3, 1, 4), (100, 900, 1000, 400, 600))
    assert least_live(figures).at == 3


def test_an_output_stays() -> None:
    """What is asked for lives to the end: a, b and c of 100 each beside one another, and the input up to b."""
    text = """
family: f
input: 10x10x1
layers:
  - {conv1-1: {name: a}}
  - {conv1-1: {name: b}}
  - {conv1-1: {name: c}}
outputs: [a, c]
"""
    assert live(report(text)).values == (100, 200, 200, 300)
    assert live(report(text.replace("[a, c]", "[c]"))).values == (100, 200, 200, 200)


def test_inputs_are_there_from_the_start() -> None:
    """Both inputs are handed over before anything runs, also in the best order."""
    text = """
family: f
input: {left: 10x10x1, right: 10x10x8}
layers:
  - {conv1-1: {name: a, from: left}}
  - {conv1-1: {name: b, from: right}}
  - {add: {from: [a, b]}}
"""
    figures = report(text)
    assert live(figures).values == (100, 900, 1000, 1000, 300)
    assert set(least_live(figures).order[:2]) == {0, 1}
    assert least_live(figures).peak == 1000


def test_who_writes_over_a_tensor_keeps_his_place() -> None:
    """A ReLU over `a` must wait until `c` has read it, though all that follows it would better come first.

    In place: c 500 beside d 900 and a 100, or e 100 = 1,500. In memory of its own r may come first: a, r and d = 1,100;
    a, d and e = 1,100; a, e and c = 700; and the end, 600 to 600, is the peak: 1,200.
    """
    text = """
family: f
input: 10x10x1
layers:
  - {conv1-1: {name: a}}
  - {conv1-5: {name: c}}
  - {relu: {name: r, from: a, inplace: true}}
  - {conv1-9: {name: d}}
  - {conv1-1: {name: e}}
  - {concat: {from: [c, e]}}
"""
    assert least_live(report(text)) == live(report(text))
    assert live(report(text)).values == (100, 200, 600, 600, 1500, 1500, 1200)
    free = least_live(report(text.replace("inplace: true", "inplace: false")))
    assert (free.peak, free.order) == (1200, (0, 1, 3, 4, 5, 2, 6))


HEAD = """
family: f
input: 4x4x2
layers:
  - {conv1-2: {name: a}}
  - {conv1-9: {name: head}}
  - {conv1-2: {name: b, from: a}}
outputs: [head, b]
training: [head]
"""


def test_training_alone() -> None:
    """What runs in training alone holds nothing at inference: 32 + 32, then nothing more, then 32 + 32."""
    assert live(report(HEAD)).values == (32, 64, 32, 64)
    assert least_live(report(HEAD)).peak == 64
    assert live(model(HEAD).analyse(training=True)).values == (32, 64, 176, 208)


# Who writes where

STORAGE = """
family: f
input: 4x4x2
layers:
  - {conv1-2: {name: a}}
  - {relu: {name: over, inplace: true}}
  - {relu: {name: apart, inplace: false}}
  - {dropout: {name: drop, inplace: true}}
  - {identity: {name: same}}
  - {batchnorm: {name: norm}}
  - {add: {name: onto, from: [norm, apart], inplace: true}}
  - {add: {name: sum, from: [onto, over]}}
  - {sigmoid: {name: curve}}
  - {slice: {name: part, start: 0, stop: 1}}
  - {flatten: {name: flat}}
"""


def test_owners() -> None:
    """In place and views: where they look. At inference a dropout is a view, in training it has a map of its own."""
    figures = report(STORAGE)
    names = [row.name for row in figures.rows]
    found = dict(zip(names, (names[owner] for owner in owners(figures)), strict=True))
    assert found == {
        "input": "input",
        "a": "a",
        "over": "a",
        "apart": "apart",
        "drop": "apart",
        "same": "apart",
        "norm": "norm",
        "onto": "norm",
        "sum": "sum",
        "curve": "curve",
        "part": "curve",
        "flat": "curve",
    }
    apart = report(STORAGE.replace("name: drop, inplace: true", "name: drop"))
    training = dict(zip(names, (names[owner] for owner in owners(apart, training=True)), strict=True))
    assert training == found | {"drop": "drop", "same": "drop"}
    assert owners(figures, training=True) == owners(figures)  # in place, it is no map of its own


def test_overwrites() -> None:
    """Only what is built in place writes over its input; dropout does so in training alone."""
    rows = report(STORAGE).rows
    assert [row.name for row in rows if overwrites(row)] == ["over", "onto"]
    assert [row.name for row in rows if overwrites(row, training=True)] == ["over", "drop", "onto"]


# Cost

CHAIN = (
    "{{family: f, input: 9x9x2, layers: [{{repeat: {{times: {times}, layers: [{{conv3-2: {{padding: half}}}}]}}}}]}}"
)
FEW, MANY = 5_000, 20_000
MOST = 8
"""Four times the layers: 4 in linear time, 16 in quadratic time."""


@pytest.mark.slow
def test_cost_of_a_chain() -> None:
    """Twenty thousand layers take about four times as long as five thousand, in either order."""
    for count in (live, least_live):
        few, many = (
            least_seconds(lambda count=count, figures=figures: count(figures))  # type: ignore[misc]
            for figures in (analyse(model(CHAIN.format(times=times)).network) for times in (FEW, MANY))
        )
        assert many < MOST * few
    assert least_live(analyse(model(CHAIN.format(times=MANY)).network)).peak == 2 * 2 * 81


def _wide(paths: int) -> Network:
    """So many branches of five layers, each of which reads the input, and their concatenation."""
    path = [{"conv1": {"out_channels": channels}} for channels in (4, 8, 1, 6, 2)]
    branches = {"merge": "concat", "paths": [path] * paths}
    return model(json.dumps({"family": "f", "input": "4x4x3", "layers": [{"branches": branches}]})).network


@pytest.mark.slow
@pytest.mark.parametrize("paths", [3, 20, 90, 200])
def test_cost_of_a_wide_graph(paths: int) -> None:
    """The search ends in seconds however many orders there are, and is never above the network's own."""
    figures = analyse(_wide(paths))
    assert least_seconds(lambda: least_live(figures)) < 10
    assert least_live(figures).peak <= live(figures).peak


# saved: what autograd keeps


def kept(text: str, **asked: Any) -> dict[str, tuple[tuple[str, int], ...]]:
    """By layer, what it is the first to keep: names and values. Layers that keep nothing are left out."""
    figures = model(text).analyse(**asked)
    found = count_memory(figures, "saved")
    assert not found.unknown
    rows = {row.name: terms for row, terms in zip(figures.rows, found.rows, strict=True)}
    return {name: tuple((t.quantity, t.times * t.amount) for t in terms) for name, terms in rows.items() if terms}


def spec(*layers: str, size: str = "4x4x2") -> str:
    """A spec of these layers."""
    return "\n".join(["family: f", f"input: {size}", "layers:", *(f"  - {layer}" for layer in layers)])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        # conv keeps its input, 4*4*2
        (["{conv1-3: {name: a}}"], {"a": 32}),
        # the ReLU keeps its output, in which the next convolution finds its input: 48 once
        (["{conv1-3: {name: a}}", "{relu: {name: r}}", "{conv1-5: {name: b}}"], {"a": 32, "r": 48}),
        (
            ["{conv1-3: {name: a}}", "{relu: {name: r, inplace: false}}", "{conv1-5: {name: b}}"],
            {"a": 32, "r": 48},
        ),
        # two readers of one tensor
        (
            ["{conv1-3: {name: a}}", "{conv1-3: {name: b}}", "{conv1-3: {name: c, from: a}}", "{add: {from: [b, c]}}"],
            {"a": 32, "b": 48},
        ),
        # what no parameter stands above: the ReLU keeps nothing, the convolution still its input
        (["{relu: {name: r}}", "{sigmoid: {name: s}}", "{conv1-3: {name: a}}"], {"a": 32}),
        (["{maxpool: {name: p}}", "{conv1-3: {name: a}}"], {"a": 8}),
        # ReLU6 keeps its input, in place a copy of it; its output is the next input: one map more
        (["{conv1-3: {name: a}}", "{relu6: {name: r}}", "{conv1-5: {name: b}}"], {"a": 32, "r": 48, "b": 48}),
        (
            ["{conv1-3: {name: a}}", "{relu6: {name: r, inplace: false}}", "{conv1-5: {name: b}}"],
            {"a": 32, "r": 48, "b": 48},
        ),
        # leaky ReLU in place: its output, that of the next; otherwise its input
        (["{conv1-3: {name: a}}", "{leakyrelu: {name: r, inplace: true}}", "{conv1-5: {name: b}}"], {"a": 32, "r": 48}),
        (
            ["{conv1-3: {name: a}}", "{leakyrelu: {name: r, inplace: false}}", "{conv1-5: {name: b}}"],
            {"a": 32, "r": 48, "b": 48},
        ),
        # a sum keeps nothing, a product both
        (
            ["{conv1-2: {name: a}}", "{conv1-2: {name: b, from: input}}", "{add: {from: [a, b]}}"],
            {"a": 32},
        ),
        (
            ["{conv1-2: {name: a}}", "{conv1-2: {name: b, from: input}}", "{multiply: {name: m, from: [a, b]}}"],
            {"a": 32, "m": 64},
        ),
        # average pooling its input, but to one position nothing
        (["{conv1-3: {name: a}}", "{avgpool: {name: p}}"], {"a": 32, "p": 48}),
        (["{conv1-3: {name: a}}", "{adaptiveavgpool2: {name: p}}"], {"a": 32, "p": 48}),
        (["{conv1-3: {name: a}}", "{adaptiveavgpool1: {name: p}}"], {"a": 32}),
        (["{conv1-3: {name: a}}", "{globalavgpool: {name: p}}"], {"a": 32}),
        # flatten hands on: fc keeps the same memory that the ReLU kept
        (
            ["{conv1-3: {name: a}}", "{relu: {name: r}}", "{flatten: {name: f}}", "{fc-7: {name: fc}}"],
            {"a": 32, "r": 48},
        ),
    ],
)
def test_saved_tensors(layers: list[str], expected: dict[str, int]) -> None:
    """Every tensor once, at the first layer that keeps it, in four bytes a value."""
    text = spec(*layers)
    assert kept(text) == {name: (("tensors", values),) for name, values in expected.items()}
    assert count_memory(report(text), "saved").total_bytes == 4 * sum(expected.values())


def test_saved_extras() -> None:
    """What is kept beside maps: 12 indices of eight bytes, a mask, and statistics of 2 x 3 channels.

    a: 4*4*2 = 32. norm: 4*4*3 = 48 and 6. r: 48. p: nothing new, 2*2*3 = 12 indices. drop: a mask of 12. fc: 12.
    """
    text = spec(
        "{conv1-3: {name: a}}",
        "{batchnorm: {name: norm}}",
        "{relu: {name: r}}",
        "{maxpool: {name: p}}",
        "{dropout: {name: drop, p: 0.5}}",
        "{fc-7: {name: fc}}",
    )
    assert kept(text) == {
        "a": (("tensors", 32),),
        "norm": (("tensors", 48), ("statistics", 6)),
        "r": (("tensors", 48),),
        "p": (("indices", 12),),
        "drop": (("masks", 12),),
        "fc": (("tensors", 12),),
    }
    found = count_memory(report(text), "saved")
    assert found.total_bytes == 4 * (32 + 48 + 6 + 48 + 12 + 12) + 8 * 12 == 728
    assert found.total == 32 + 48 + 6 + 48 + 12 + 12 + 12


def test_saved_dtype_and_batch() -> None:
    """In 16 bits indices stay int64 and statistics float32; of three images the statistics are there once.

    float16: 2 * (32 + 48 + 48 + 12 + 12) + 4 * 6 + 8 * 12 = 424. Three: 4 * 3 * 152 + 4 * 6 + 8 * 3 * 12 = 2,136.
    """
    text = spec("{conv1-3: {name: a}}", "batchnorm", "relu", "maxpool", "dropout", "{fc-7: {name: fc}}")
    assert count_memory(model(text).analyse(dtype="float16"), "saved").total_bytes == 424
    assert count_memory(model(text).analyse(batch=3), "saved").total_bytes == 2136


def test_saved_dropout_without_p() -> None:
    """A dropout with p = 0 draws no mask."""
    text = spec("{conv1-3: {name: a}}", "{dropout: {name: d, p: 0}}")
    assert kept(text) == {"a": (("tensors", 32),)}


def test_saved_dropout_in_training_is_a_map() -> None:
    """Behind a dropout the convolution's input is another map than the ReLU's output."""
    text = spec("{conv1-3: {name: a}}", "{relu: {name: r}}", "{dropout: {name: d}}", "{conv1-5: {name: b}}")
    assert kept(text) == {
        "a": (("tensors", 32),),
        "r": (("tensors", 48),),
        "d": (("masks", 48),),
        "b": (("tensors", 48),),
    }


def test_saved_training_heads() -> None:
    """What runs in training alone keeps something there, and nothing in a report on inference; a keeps 32, b a's 32.

    The head's input is what b keeps anyhow, so here nothing changes; a layer above the head would add its map.
    """
    assert kept(HEAD) == {"a": (("tensors", 32),), "b": (("tensors", 32),)}
    assert kept(HEAD, training=True) == {"a": (("tensors", 32),), "head": (("tensors", 32),)}
    longer = HEAD.replace("outputs: [head", "  - {conv1-9: {name: more, from: head}}\noutputs: [more")
    longer = longer.replace("training: [head]", "training: [head, more]")
    assert kept(longer, training=True) == {
        "a": (("tensors", 32),),
        "head": (("tensors", 32),),
        "more": (("tensors", 144),),
    }
    assert kept(longer) == kept(HEAD)


def test_saved_of_views() -> None:
    """A slice keeps all that it looks at: the convolution's input of 16 values lies in the ReLU's map of 32."""
    text = spec("{conv1-2: {name: a}}", "{sigmoid: {name: s}}", "{slice: {start: 0, stop: 1}}", "{conv1-5: {name: b}}")
    assert kept(text) == {"a": (("tensors", 32),), "s": (("tensors", 32),)}


def test_saved_norms() -> None:
    """Group normalisation: two floats a group and image; layer normalisation two a position."""
    text = spec("{conv1-4: {name: a}}", "{groupnorm: {name: g, num_groups: 2}}", "{layernorm: {name: l}}")
    assert kept(text) == {
        "a": (("tensors", 32),),
        "g": (("tensors", 64), ("moments", 4)),
        "l": (("tensors", 64), ("statistics", 32)),
    }
    assert kept(text, batch=3)["g"] == (("tensors", 192), ("moments", 12))


def test_saved_lrn() -> None:
    """Local response normalisation over 5 of 8 channels: its input, the square's with 4 more, and two of its size."""
    text = spec("{conv1-8: {name: a}}", "{lrn: {name: n, size: 5}}")
    assert sum(values for _, values in kept(text)["n"]) == 16 * (8 + 8 + 8 + 12)


def test_saved_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a kind that nobody has watched nothing is known, and the total with it."""
    monkeypatch.delitem(KEEPS, "rbf")
    figures = report(spec("{conv1-3: {name: a}}", "{rbf: {name: out, out_features: 3}}"))
    found = count_memory(figures, "saved")
    assert (found.unknown, found.total, found.total_bytes) == (("rbf",), None, None)
    assert found.rows[2] is None


def test_kept_by_known_kinds() -> None:
    """The table speaks of kinds and roles that exist."""
    assert set(KEEPS) <= {*REGISTRY, *(f"*{role}" for role in ROLES)}


def _largest(figures: Report) -> int:
    return max(row.output.elements for row in figures.rows)


@pytest.mark.slow
@given(smalls())
@settings(max_examples=100)
def test_live_is_between_the_largest_and_all(graph: Small) -> None:
    """At least the largest tensor is alive at once, at most all together."""
    figures = report(graph.text)
    all_of_them = sum(graph.layers[home].values for home in set(graph.homes))
    assert _largest(figures) <= least_live(figures).peak <= live(figures).peak <= all_of_them
