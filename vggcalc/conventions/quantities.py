"""What rules are made of: a layer in its place, and the quantities that a rule can add up of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property
from math import prod
from typing import overload

from vggcalc import bounds
from vggcalc.analysis.report import Report, Row
from vggcalc.layers import Softmax
from vggcalc.layers.base import per_axis
from vggcalc.memory.keeps import padded
from vggcalc.network import Node
from vggcalc.record import Record
from vggcalc.shape import Shape


class Place(Record):
    """A layer of a report with all that a quantity may look at."""

    report: Report
    row: Row
    node: Node
    readers: int
    modules: int

    @property
    def out(self) -> int:
        """Values of the output, for the batch."""
        return self.report.batch * self.row.output.elements

    @property
    def positions(self) -> int:
        """Positions of the output map, for the batch."""
        return self.report.batch * prod(self.row.output.spatial)

    def names(self) -> Iterator[str]:
        """What a table may call the layer, the most special first.

        `relu:functional` is a ReLU in this form of `FORMS`, `:functional` every layer in it; `adaptiveavgpool:2d` works
        on a map of two axes; `upsample:bilinear2d` is in this mode besides, which is linear on one axis and trilinear
        on three; `upsample:sized` is to a given size, `convtranspose:unbiased` has no bias, `batchnorm:untracked` no
        running statistics; `*norm` is every kind of this role that is left, and `*` every kind.
        """
        kind, fields = self.row.kind, self.row.layer.fields
        axes = len(self.row.output.spatial)
        if form := self.node.form:
            forms = (form, "functional") if form in ("custom", "bias", "method", "product") else (form,)
            yield from (name for each in forms for name in (f"{kind}:{each}", f":{each}"))
        if mode := fields.get("mode"):
            yield f"{kind}:{_LINEAR.get(axes, 'bilinear') if mode in _LINEAR.values() else mode}{axes}d"
            if fields["scale_factor"] is None:
                yield f"{kind}:sized"
        yield from (f"{kind}:{special}" for field, special in _WITHOUT.items() if fields.get(field) is False)
        yield from (f"{kind}:{axes}d", kind, f"*{self.row.role}", "*")


_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
"""What PyTorch calls interpolation in straight lines, by the axes of the map."""

_WITHOUT = {"bias": "unbiased", "track_running_stats": "untracked", "gain": "ungained"}
"""What tables call a kind of layer where this field says no."""

SPECIAL = {
    "functional": "called as a function",
    "linear": "that is linear over a map",
    "subclass": "of a class of its own",
    "custom": "in a module of a class of its own",
    "bias": "as the bias of the layer above",
    "windowed": "over positions in the batch",
    "strided": "over what does not lie in order",
    "method": "called by name",
    "product": "as a product by the operator @",
    "expanded": "over what is the same for all images",
    "view": "without a copy",
    "shared": "in a module that several others have",
    "unbiased": "without bias",
    "untracked": "without running statistics",
    "ungained": "without gain",
    "sized": "to a given size",
    "1d": "on one axis",
    "2d": "on two axes",
    "3d": "on three axes",
    "nearest1d": "nearest on one axis",
    "nearest2d": "nearest on two axes",
    "nearest3d": "nearest on three axes",
    "linear1d": "linear on one axis",
    "bilinear2d": "bilinear on two axes",
    "trilinear3d": "trilinear on three axes",
    "bicubic2d": "bicubic on two axes",
}
"""What a table may put behind a kind, and what that says."""


Quantity = Callable[[Place], int]

QUANTITIES: dict[str, tuple[str, Quantity]] = {
    "macs": ("multiply-accumulates", lambda place: _known(place.row.macs)),
    "bias": ("outputs of a layer with a bias", lambda place: place.out if place.row.layer.fields.get("bias") else 0),
    "lone_bias": (
        "outputs of a layer with a bias, where the batch is one image",
        lambda place: place.out if place.report.batch == 1 and place.row.layer.fields.get("bias") else 0,
    ),
    "out": ("outputs", lambda place: place.out),
    "in": ("inputs", lambda place: _inputs(place)),
    "trained": ("outputs of a layer with parameters", lambda place: place.out if place.row.trained else 0),
    "params": ("parameters, once an image", lambda place: place.report.batch * _known(place.row.trained)),
    "own": ("outputs of a layer that does not run in place", lambda place: _known(place.row.activations)),
    "held": ("parameters", lambda place: _known(place.row.params)),
    "running": ("running means and variances", lambda place: _running(place)),
    "in_and_out": ("inputs and outputs, as floating point has them", lambda place: _in_floats(place)),
    "image": ("outputs of one image", lambda place: place.row.output.elements),
    "step_biases": ("biases, at every step", lambda place: place.positions * _elements(place.row, "bias")),
    "standardised": ("weights that are standardised, once", lambda place: place.row.tensors[0].elements),
    "places": ("positions of one image", lambda place: prod(place.row.output.spatial)),
    "positions": ("positions of the map", lambda place: place.positions),
    "sums": ("sums of softmax", lambda place: _sums(place)),
    "taps": ("inputs under the window, for all outputs", lambda place: place.out * _window(place, "size")),
    "stepped": ("outputs times the window's step", lambda place: place.out * _window(place, "step")),
    "spread": ("weights at every position of the output", lambda place: _spread(place)),
    "spread_back": ("weights at every position of the output, over the stride", lambda place: _spread_back(place)),
    "padded": ("inputs, with the padding of their channels", lambda place: place.report.batch * padded(place.row)),
    "copies": ("outputs for each reader, where there are several", lambda place: place.out * _several(place.readers)),
    "modules": ("outputs of each module that ends here", lambda place: place.out * place.modules),
    "weighted": (
        "inputs of a convolution or linear layer",
        lambda place: _inputs(place) if place.row.multiplies else 0,
    ),
}
"""What rules are made of: in words, and as a figure of one layer."""


class Places(Sequence[Place]):
    """The layers of a report, each with what stands round it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        network = report.network
        self._readers = [0] * len(network.nodes)
        for node in network.nodes:
            for source in node.inputs:
                self._readers[source] += 1
        self._modules = Counter([*network.modules.values(), *(network.passing or {}).values()])

    def __len__(self) -> int:
        return len(self._readers)

    @overload
    def __getitem__(self, index: int) -> Place: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Place, ...]: ...
    def __getitem__(self, index: int | slice) -> Place | tuple[Place, ...]:
        if isinstance(index, slice):
            return tuple(self[each] for each in range(len(self))[index])
        row = self._report.rows[index]
        return Place(self._report, row, row.node, self._readers[index], self._modules[index])

    def alike(self, index: int) -> Hashable:
        """What is equal for layers that every rule counts alike: their answers, and all else that a place tells."""
        node = self._report.network.nodes[index]
        answers = self._report.rows.answers[index]
        return (id(answers), node.shares is None, node.training, node.form, self._readers[index], self._modules[index])

    @cached_property
    def groups(self) -> Sequence[tuple[int, int]]:
        """Layers that are counted alike: the first of each group, and how many there are; each alone if most differ."""
        found: dict[Hashable, list[int]] = {}
        for index in range(len(self)):
            found.setdefault(self.alike(index), [index, 0])[1] += 1
            if len(found) > bounds.SHARED_ANSWERS:
                return [(each, 1) for each in range(len(self))]
        return [(first, times) for first, times in found.values()]


def _known(amount: int | None) -> int:
    """An amount; a rule says nothing of layers that have an unknown one."""
    assert amount is not None
    return amount


def _inputs(place: Place) -> int:
    shapes: tuple[Shape, ...] = place.row.input_shapes
    return place.report.batch * sum(shape.elements for shape in shapes)


def _elements(row: Row, *counted: str) -> int:
    if not row.inputs:
        return 0
    return sum(tensor.elements for tensor in row.layer.weights(*row.input_shapes) if tensor.counts_as in counted)


def _spread(place: Place) -> int:
    return place.positions * _elements(place.row, "weight")


def _spread_back(place: Place) -> int:
    """What is no whole number is cut."""
    stride = per_axis(place.row.layer.fields["stride"], len(place.row.output.spatial), "stride")
    return _spread(place) // prod(stride)


def _running(place: Place) -> int:
    """The buffers but for PyTorch's count of batches, which is a scalar."""
    return sum(tensor.elements for tensor in place.row.tensors if tensor.counts_as == "buffer" and tensor.shape)


def _sums(place: Place) -> int:
    layer = place.row.layer
    return place.out // layer.summed(place.row.output) if isinstance(layer, Softmax) else 0


def _window(place: Place, figure: str) -> int:
    windows = place.row.layer.window(*place.row.input_shapes)
    found: int = prod(window.size if figure == "size" else window.step for window in windows)
    return found


def _in_floats(place: Place) -> int:
    """int((prod(in / out) + 1) * out), as thop reckons with doubles: now and then one too few."""
    (shape,) = place.row.input_shapes
    share = prod(n / m for n, m in zip(shape.spatial, place.row.output.spatial, strict=True))
    return int((share + 1) * place.out)


def _several(readers: int) -> int:
    return readers if readers > 1 else 0
