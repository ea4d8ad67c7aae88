"""Recurrent layers: sequences read step by step, with a state that is carried along."""

from typing import Annotated, ClassVar

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Formula, Layer, Weight, formula
from vggcalc.layers.fields import Check, Flag, Positive
from vggcalc.layers.window import Window
from vggcalc.shape import Shape


class _Recurrent(Layer):
    """What the kinds share: `gates` products of the input and of the state at each step."""

    hidden_size: Positive
    num_layers: Positive = 1
    bidirectional: Flag = False
    bias: Flag = True
    bias_vectors: Annotated[
        int, Check("1 or 2", lambda value: type(value) is int and value in (1, 2), form={"enum": [1, 2]})
    ] = 2

    role = "linear"
    dashed = "hidden_size"
    gates: ClassVar[int] = 1

    @property
    def _directions(self) -> int:
        return 1 + self.bidirectional

    def output(self, *inputs: Shape) -> Shape:
        """The states of the last layer, of both directions one after the other."""
        (shape,) = inputs
        if len(shape.spatial) != 1:
            raise ShapeError(
                f"a map of {shape} is no sequence",
                "give it one axis of positions, as in {reshape: {shape: [100, 512]}}",
                code="shape-misfit",
            )
        return Shape(self.hidden_size * self._directions, shape.spatial)

    def _read(self, shape: Shape) -> list[int]:
        """The channels that each layer reads."""
        return [shape.channels, *[self.hidden_size * self._directions] * (self.num_layers - 1)]

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """For each layer and direction the weights of the input, those of the state, and the biases of both."""
        rows = self.gates * self.hidden_size
        gates = f"{self.gates}*" * (self.gates > 1)
        tensors: list[Weight] = []
        for number, channels in enumerate(self._read(inputs[0])):
            for direction in range(self._directions):
                name = f"_l{number}" + "_reverse" * direction
                read = "in_channels" if number == 0 else "hidden_size" + "*2" * self.bidirectional
                tensors.append(Weight(f"weight_ih{name}", (channels, rows), "weight", f"{read}*{gates}hidden_size"))
                state = f"hidden_size*{gates}hidden_size"
                tensors.append(Weight(f"weight_hh{name}", (self.hidden_size, rows), "weight", state))
                names = ("bias_ih", "bias_hh") if self.bias_vectors == 2 else ("bias",)
                biases = tuple(Weight(f"{each}{name}", (rows,), "bias", f"{gates}hidden_size") for each in names)
                tensors += biases if self.bias else ()
        return tuple(tensors)

    def macs(self, *inputs: Shape) -> int:
        """Every weight once at every step."""
        (shape,) = inputs
        read = sum(channels + self.hidden_size for channels in self._read(shape))
        return shape.spatial[0] * self._directions * self.gates * self.hidden_size * read

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The last step has seen all, and with both directions every one."""
        return (Window.over(inputs[0].spatial[0]),)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """hidden_size, for each direction."""
        template = "{hidden_size}" + " * {directions}" * self.bidirectional
        numbers = {"hidden_size": self.hidden_size, "directions": self._directions}
        return formula(template, numbers, self.hidden_size * self._directions)

    def macs_formula(self, *inputs: Shape) -> Formula:
        """Steps times gates times the state times what is read beside the state, over the layers."""
        (shape,) = inputs
        read = " + ".join(f"({channels} + {self.hidden_size})" for channels in self._read(shape))
        return Formula(
            "steps * directions * gates * hidden_size * (sum over layers of in_channels + hidden_size)",
            f"{shape.spatial[0]} * {self._directions} * {self.gates} * {self.hidden_size} * ({read})",
            self.macs(*inputs),
        )


class RNN(_Recurrent, kind="rnn"):
    """Recurrent layer without gates, as `rnn-256`: a state of `hidden_size` that each step makes anew.

    h_t = tanh(W x_t + U h_(t-1) + biases); a sequence of n x in_channels gives n x hidden_size, twice as many channels
    with `bidirectional`; weights = hidden_size * (in_channels + hidden_size) for each of `num_layers` and directions,
    biases = bias_vectors * hidden_size (PyTorch has 2, Keras and Caffe 1); MACs = n * weights.

    Not counted: biases, tanh. Its receptive field is that of the last step.

    Source: Elman, Finding Structure in Time, 1990; PyTorch's RNN; Caffe's RNN.
    Raises: ShapeError when the input is no sequence.

    >>> [tensor.elements for tensor in RNN(hidden_size=256).weights(Shape(512, (100,)))]
    [131072, 65536, 256, 256]
    """

    elsewhere = "simplernn"


class LSTM(_Recurrent, kind="lstm"):
    """Long short-term memory, as `lstm-256`: a recurrent layer with three gates and a cell.

    A sequence of n x in_channels gives n x hidden_size, twice as many channels with `bidirectional`;
    weights = 4 * hidden_size * (in_channels + hidden_size) for each of `num_layers` and directions,
    biases = 4 * bias_vectors * hidden_size (PyTorch has 2, Keras and Caffe 1); MACs = n * weights.

    Not counted: biases, the gates' products, sigmoid and tanh. Its receptive field is that of the last step.

    Source: Hochreiter and Schmidhuber, Neural Computation 9, 1997; Gers et al., 2000 (forget gate); PyTorch's LSTM.
    Raises: ShapeError when the input is no sequence.

    >>> LSTM(hidden_size=256, bidirectional=True).macs(Shape(512, (26,)))
    40894464
    """

    gates = 4


class GRU(_Recurrent, kind="gru"):
    """Gated recurrent unit, as `gru-256`: a recurrent layer with two gates.

    A sequence of n x in_channels gives n x hidden_size, twice as many channels with `bidirectional`;
    weights = 3 * hidden_size * (in_channels + hidden_size) for each of `num_layers` and directions,
    biases = 3 * bias_vectors * hidden_size (PyTorch and Keras's `reset_after` have 2, else 1); MACs = n * weights.

    Not counted: biases, the gates' products, sigmoid and tanh. Its receptive field is that of the last step.

    Source: Cho et al., arXiv:1406.1078, section 2.3; PyTorch's GRU.
    Raises: ShapeError when the input is no sequence.

    >>> GRU(hidden_size=256).macs(Shape(512, (100,)))
    58982400
    """

    gates = 3
