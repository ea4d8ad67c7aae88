"""Formulas against an oracle that slides real kernels over small inputs and counts."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import ORACLES, Seen, evaluate, observe
from strategies import FITTING, MAYBE_FITTING

from vggcalc.errors import ShapeError
from vggcalc.layers import REGISTRY, Layer
from vggcalc.shape import Shape

EXAMPLES = {"conv": 200, "convtranspose": 200, "maxpool": 200}
"""Kinds with many fields get more than the 60 of the others."""


def watched(layer: Layer, shape: Shape) -> Seen:
    """What the oracle counts for the fields that the layer was given."""
    return observe(layer.kind, shape.channels, shape.spatial, {n: v for n, v in layer.fields.items() if v is not None})


def elements(layer: Layer, shape: Shape, counts_as: str) -> int:
    """The elements of the tensors that count as this."""
    return sum(tensor.elements for tensor in layer.weights(shape) if tensor.counts_as == counts_as)


def for_each_kind(strategies: dict[str, st.SearchStrategy[tuple[Layer, Shape]]]) -> pytest.MarkDecorator:
    """A test for each kind by its name."""
    return pytest.mark.parametrize("kind", sorted(strategies))


def test_every_oracle_is_asked() -> None:
    """No kind has an oracle without a strategy, or a strategy without an oracle."""
    assert set(FITTING) == set(ORACLES)


@pytest.mark.slow
@for_each_kind(FITTING)
def test_output_weights_and_macs(kind: str) -> None:
    """The output's shape, the weights, the biases and the MACs are what the oracle counts."""

    @settings(max_examples=EXAMPLES.get(kind, 60))
    @given(FITTING[kind])
    def check(case: tuple[Layer, Shape]) -> None:
        layer, shape = case
        seen = watched(layer, shape)
        assert layer.output(shape) == Shape(seen.channels, seen.spatial)
        assert elements(layer, shape, "weight") == seen.weights
        assert elements(layer, shape, "bias") == seen.biases
        assert layer.macs(shape) == seen.macs

    check()


@pytest.mark.slow
@for_each_kind(FITTING)
def test_window(kind: str) -> None:
    """Each unit of the output sees exactly the taps of its window, from the first to the last, padding included.

    A transposed convolution and an interpolation read nothing from the padding, so there the taps that lie in it are
    left out; with dilation the former may skip the first and the last.
    """

    @settings(max_examples=EXAMPLES.get(kind, 60))
    @given(FITTING[kind])
    def check(case: tuple[Layer, Shape]) -> None:
        layer, shape = case
        axes = layer.window(shape)
        for unit, touched in watched(layer, shape).touched.items():
            taps = [list(window.taps(i)) for window, i in zip(axes, unit, strict=True)]
            if kind in ("convtranspose", "upsample"):
                taps = [[tap for tap in line if 0 <= tap < n] for line, n in zip(taps, shape.spatial, strict=True)]
                touched = {at for at in touched if all(0 <= i < n for i, n in zip(at, shape.spatial, strict=True))}
            assert touched == set(product(*taps))
            for window, i, line in zip(axes, unit, taps, strict=True):
                if kind not in ("convtranspose", "upsample"):
                    assert (line[0], line[-1]) == (window.first(i), window.last(i))
                if kind not in ("convtranspose", "upsample") and window.parts == 1:
                    assert len(line) == window.size

    check()


@pytest.mark.slow
@settings(max_examples=500)
@given(st.integers(1, 6), st.integers(1, 5), st.integers(1, 5), st.integers(0, 6), st.integers(0, 40))
def test_ends_of_a_transposed_window(k: int, s: int, d: int, before: int, unit: int) -> None:
    """The first and the last input unit are those that some tap of the kernel spreads to the unit, if there are any."""
    layer = REGISTRY["convtranspose"](kernel_size=k, out_channels=1, stride=s, dilation=d, padding=((before, 0),))
    (window,) = layer.window(Shape(1, (99,)))
    spread = [pixel for pixel in range(-40, 99) if unit + before in [pixel * s + tap * d for tap in range(k)]]
    assert list(window.taps(unit)) == spread
    assert window.last(unit) - window.first(unit) == (spread[-1] - spread[0] if spread else -1)
    assert not spread or window.first(unit) == spread[0]


@pytest.mark.slow
@for_each_kind(FITTING)
def test_formulas(kind: str) -> None:
    """The arithmetic shown to the reader gives the value beside it, and that is the layer's answer."""

    @settings(max_examples=EXAMPLES.get(kind, 60))
    @given(FITTING[kind])
    def check(case: tuple[Layer, Shape]) -> None:
        layer, shape = case
        out = layer.output(shape)
        sizes, channels, macs = layer.size_formulas(shape), layer.channel_formula(shape), layer.macs_formula(shape)
        for shown in (*sizes, channels, macs):
            assert evaluate(shown.numbers) == shown.value, shown
        assert tuple(size.value for size in sizes) == out.spatial
        assert channels.value == out.channels
        assert macs.value == layer.macs(shape)

    check()


@pytest.mark.slow
@for_each_kind(MAYBE_FITTING)
def test_misfits(kind: str) -> None:
    """A layer raises ShapeError just where the oracle finds no position for its window."""

    @settings(max_examples=EXAMPLES.get(kind, 60))
    @given(MAYBE_FITTING[kind])
    def check(case: tuple[Layer, Shape]) -> None:
        layer, shape = case
        seen = watched(layer, shape)
        if 0 in seen.spatial:
            with pytest.raises(ShapeError):
                layer.output(shape)
        else:
            assert layer.output(shape).spatial == seen.spatial

    check()
