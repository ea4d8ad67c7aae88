"""A second oracle that knows no recurrence: it follows every path of a graph back to the pixels, in sets.

`Followed` walks on the maps as they are, position by position in all axes at once, and loses a path where it enters
the padding. `Endless` walks along one axis of maps without borders, where the padding holds pixels too. What one layer
reads of the next is taken from `oracle`, which slides real kernels; nothing of vggcalc is imported.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import product
from math import lcm
from typing import Any, NamedTuple

import oracle
from oracle import Place

Reads = dict[Place, set[Place]]
"""For each position of a layer, the positions that it reads of one of its inputs."""

MERGES = ("add", "concat", "multiply")
POINTWISE = ("identity", "relu", "batchnorm", *MERGES)
WHOLE = ("fc", "flatten", "globalmaxpool", "globalavgpool")


class Step(NamedTuple):
    """A layer: its kind with its fields, and the places in the graph of those that it reads."""

    kind: str
    fields: dict[str, Any]
    inputs: tuple[int, ...]


class Graph(NamedTuple):
    """The extents of the inputs, which come first, and the layers after them."""

    inputs: tuple[tuple[int, ...], ...]
    steps: tuple[Step, ...]

    def step(self, place: int) -> Step:
        """The layer in this place."""
        return self.steps[place - len(self.inputs)]

    @property
    def size(self) -> int:
        """Inputs and layers."""
        return len(self.inputs) + len(self.steps)


def output(step: Step, sizes: list[tuple[int, ...]]) -> tuple[int, ...]:
    """The extents of a layer's output."""
    if step.kind in POINTWISE:
        return max(sizes)
    return oracle.observe(step.kind, 1, sizes[0], step.fields).spatial


def reads(step: Step, sizes: list[tuple[int, ...]]) -> list[Reads]:
    """What the layer reads of each input; positions in the padding are left out."""
    if step.kind in POINTWISE:
        units = list(product(*map(range, max(sizes))))
        gates = [size != max(sizes) for size in sizes]  # one position that scales all others
        return [{unit: {(0,) * len(unit) if gate else unit} for unit in units} for gate in gates]
    touched = oracle.observe(step.kind, 1, sizes[0], step.fields).touched
    return [{unit: {at for at in seen if _within(at, sizes[0])} for unit, seen in touched.items()}]


class Followed:
    """Which pixels of each input every unit of every layer sees, borders and all."""

    def __init__(self, graph: Graph) -> None:
        self.sizes: list[tuple[int, ...]] = list(graph.inputs)
        self.pixels: list[dict[Place, set[tuple[int, Place]]]] = [
            {at: {(number, at)} for at in product(*map(range, size))} for number, size in enumerate(graph.inputs)
        ]
        for step in graph.steps:
            sizes = [self.sizes[source] for source in step.inputs]
            self.sizes.append(output(step, sizes))
            seen: dict[Place, set[tuple[int, Place]]] = {at: set() for at in product(*map(range, self.sizes[-1]))}
            for source, touched in zip(step.inputs, reads(step, sizes), strict=True):
                for unit, places in touched.items():
                    seen[unit].update(*(self.pixels[source][at] for at in places))
            self.pixels.append(seen)

    def seen_by(self, place: int, unit: Place, number: int) -> set[Place]:
        """The pixels of an input that a unit sees."""
        return {pixel for source, pixel in self.pixels[place][unit] if source == number}

    def seeing(self, place: int, number: int, pixel: Place) -> set[Place]:
        """The units that see a pixel."""
        return {unit for unit, seen in self.pixels[place].items() if (number, pixel) in seen}


class Way(NamedTuple):
    """One path from a layer up to an input: what is read, by which of the reader's inputs."""

    steps: tuple[tuple[int, int], ...]
    number: int


class Endless:
    """The same along one axis of endless maps; a layer that reads a whole map keeps that map's extent."""

    def __init__(self, graph: Graph, sizes: list[tuple[int, ...]], axis: int) -> None:
        self.graph, self.axis = graph, axis
        self.sizes = [size[axis] for size in sizes]
        self.full = sizes
        self._pixels = cache(self._follow)

    def reads(self, place: int, which: int, unit: int) -> list[int]:
        """What a unit reads of one of the layer's inputs."""
        step = self.graph.step(place)
        n, out = self.sizes[step.inputs[which]], self.sizes[place]
        if step.kind in POINTWISE:
            return [0 if self.full[step.inputs[which]] != self.full[place] and n < out else unit]
        if step.kind in WHOLE:
            return [unit + pixel for pixel in range(n)]
        if step.kind.startswith("adaptive"):
            start, end = Fraction(unit * n, out), Fraction((unit + 1) * n, out)
            return [pixel for pixel in _near(unit, n, out) if pixel < end and pixel + 1 > start]
        if step.kind == "upsample":
            return self._upsampled(step, unit, n, out)
        if step.kind == "crop" and "size" in step.fields:
            return [unit + (n - out) // 2]
        if step.kind in ("crop", "pad"):
            numbers = step.fields["cropping" if step.kind == "crop" else "padding"]
            before, _ = oracle.sides(numbers, self._axes)[self.axis]
            return [unit + before if step.kind == "crop" else unit - before]
        return self._slid(step, unit, n)

    def seen_by(self, place: int, unit: int, number: int) -> set[int]:
        """The pixels of an input that a unit sees on any path."""
        return {pixel for source, pixel in self._pixels(place, unit) if source == number}

    def ways(self, place: int, number: int) -> Iterator[Way]:
        """Every path to an input."""
        if place < len(self.graph.inputs):
            if place == number:
                yield Way((), number)
            return
        for which, source in enumerate(self.graph.step(place).inputs):
            for way in self.ways(source, number):
                yield Way(((place, which), *way.steps), number)

    def seen_along(self, way: Way, unit: int) -> set[int]:
        """The pixels that a unit sees on one path."""
        units = {unit}
        for place, which in way.steps:
            units = {tap for unit in units for tap in self.reads(place, which, unit)}
        return units

    def ratio(self, place: int, which: int) -> Fraction:
        """By how many units of the input two neighbours of the output differ; 0 where all look at the same."""
        step = self.graph.step(place)
        n, out = self.sizes[step.inputs[which]], self.sizes[place]
        if step.kind in ("upsample", *MERGES) and n == 1 < out:
            return Fraction(0)
        if step.kind.startswith("adaptive") or step.kind == "upsample":
            return Fraction(n, out)
        if step.kind == "convtranspose":
            return Fraction(1, self._number(step, "stride", 1))
        if "kernel_size" in step.fields:
            return Fraction(self._number(step, "stride", 1 if step.kind == "conv" else step.fields["kernel_size"]))
        return Fraction(1)

    def jump(self, way: Way) -> Fraction:
        """The product of the strides along a path."""
        jump = Fraction(1)
        for place, which in way.steps:
            jump *= self.ratio(place, which)
        return jump

    def turn(self, way: Way) -> int:
        """After how many units all layers of the path stand where they stood, a whole number of units on."""
        turn, moved = 1, Fraction(1)
        for place, which in way.steps:
            moved *= self.ratio(place, which)
            turn = lcm(turn, moved.denominator)
        return turn

    def centre(self, way: Way) -> Fraction:
        """The centre of unit 0: each layer moves it by what its units look aside, on average over a turn."""
        at, jump = Fraction(0), Fraction(1)
        for place, which in reversed(way.steps):  # from the pixels upwards
            ratio = self.ratio(place, which)
            units = range(ratio.denominator)
            ends = [(min(taps), max(taps), unit) for unit in units if (taps := self.reads(place, which, unit))]
            at += jump * sum(Fraction(low + high, 2) - ratio * unit for low, high, unit in ends) / len(ends)
            jump *= ratio
        return at

    @property
    def _axes(self) -> int:
        return len(self.full[0])

    def _follow(self, place: int, unit: int) -> frozenset[tuple[int, int]]:
        if place < len(self.graph.inputs):
            return frozenset({(place, unit)})
        found: set[tuple[int, int]] = set()
        for which, source in enumerate(self.graph.step(place).inputs):
            found.update(*(self._pixels(source, tap) for tap in self.reads(place, which, unit)))
        return frozenset(found)

    def _number(self, step: Step, field: str, default: Any) -> int:
        return oracle.each(step.fields.get(field, default), self._axes)[self.axis]

    def _slid(self, step: Step, unit: int, n: int) -> list[int]:
        offsets = oracle.taps(self._number(step, "kernel_size", 2), self._number(step, "dilation", 1))
        padding = step.fields.get("padding", 0)
        transposed = step.kind == "convtranspose"
        stride = self._number(step, "stride", 1 if "conv" in step.kind else step.fields.get("kernel_size", 2))
        if padding == "same":
            before, _ = oracle.same(offsets, n * stride if transposed else n, stride)
        elif padding == "half":
            before = len(range(offsets[-1] + 1)) // 2
        else:
            before, _ = oracle.sides(0 if padding == "valid" else padding, self._axes)[self.axis]
        if transposed:  # the pixels that are scattered here
            return sorted((unit + before - tap) // stride for tap in offsets if (unit + before - tap) % stride == 0)
        return [unit * stride - before + tap for tap in offsets]

    def _upsampled(self, step: Step, unit: int, n: int, out: int) -> list[int]:
        if n == 1 < out:  # the one position, everywhere
            return [0]
        if step.fields.get("mode") == "bilinear":
            centre = (unit + Fraction(1, 2)) * Fraction(n, out) - Fraction(1, 2)
            return [pixel for pixel in _near(unit, n, out) if abs(pixel - centre) < 1]
        return [pixel for pixel in _near(unit, n, out) if pixel <= Fraction(unit * n, out) < pixel + 1]


def _near(unit: int, n: int, out: int) -> range:
    """All pixels that a unit of a resized map might read, and some more."""
    at, reach = unit * n // out, n // out + 3
    return range(at - reach, at + reach + 1)


def _within(at: Place, size: tuple[int, ...]) -> bool:
    return all(0 <= i < n for i, n in zip(at, size, strict=True))
