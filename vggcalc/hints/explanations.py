"""The usual explanations: what a wrong figure would be right of, each one entry of a table."""

from __future__ import annotations

from fractions import Fraction

from vggcalc.hints.candidates import Candidates, as_it_is, exactly, in_other_kilo, of
from vggcalc.hints.discrepancy import WORK
from vggcalc.hints.miscounts import (
    groups_ignored,
    input_grid,
    miscounted,
    one_bias,
    one_bias_if_linear,
    one_input_channel,
    pools_too,
    running_statistics,
    shared_again,
    weighed,
)
from vggcalc.hints.misprints import bytes_for, channels_first, one_digit, scaled, transposed
from vggcalc.hints.other_fields import other_kernels, rounded_the_other_way, taken_for, with_fields
from vggcalc.hints.other_questions import (
    asked,
    batches,
    bytes_of_values,
    classes,
    counted_memory,
    counted_operations,
    declared_input,
    inputs,
    longest_path,
    number_formats,
    one_addition_less,
    plus,
    times,
    twice,
    variants,
)
from vggcalc.hints.roundings import fewer_digits, rounded_up, rounded_values
from vggcalc.hints.single_layers import one_layer, other_layers, with_norm
from vggcalc.record import Record

_HELD = ("activations", "forward", "memory_bytes", "memory_values", "live", "saved", "neurons")


class Explanation(Record):
    """What may be behind a wrong figure. `sentence` says it, with {} for what its candidates are called.

    digits: how many a print must have, before a candidate that agrees with it is more than chance. alone: it is told
    only where nothing before it explains the figure.
    """

    sentence: str
    digits: int
    candidates: Candidates
    alone: bool = False


_CONVS_ONLY = weighed(lambda part: part.row.role == "conv")

LAST_RESORT = Explanation("one digit is wrong", 4, one_digit, alone=True)

_SIMPLE = (
    Explanation("{}", 1, rounded_up),
    Explanation("the biases are left out", 2, asked("params", figure="weights")),
    Explanation("the biases are counted too", 2, asked("weights", figure="params")),
    Explanation("MACs, not FLOPs", 1, asked("flops", figure="macs")),
    Explanation("FLOPs, two for each MAC", 1, asked("macs", figure="flops")),
    Explanation("half of it, a MAC counted once", 1, times("operations", Fraction(1, 2))),
    Explanation("twice as much, a MAC counted as two", 1, times("operations", Fraction(2))),
    Explanation("in powers of {}", 2, in_other_kilo(as_it_is(True))),
    Explanation("the unit is off by a factor of 1000", 1, scaled(Fraction(1000), Fraction(1, 1000))),
    Explanation("only right to {}", 3, fewer_digits),
    Explanation("of convolutions only", 2, of(WORK, _CONVS_ONLY)),
    Explanation("without the classifier", 2, asked(top=False)),
    Explanation("without the auxiliary heads", 2, weighed(lambda part: not part.node.training)),
    Explanation("with the auxiliary heads, as in training", 2, asked(training=True)),
    Explanation("shared weights are counted again", 2, of(("params", "weights", "biases"), shared_again)),
    Explanation("of convolutions only", 2, _CONVS_ONLY),
    Explanation("of fully connected layers only", 2, weighed(lambda part: part.row.role == "linear")),
    Explanation("each output once, kept inputs not again", 2, asked("forward", figure="activations")),
    Explanation("with the inputs that layers of weights keep", 2, asked("activations", figure="forward")),
    Explanation("{}, rounded before they are multiplied", 2, rounded_values()),
    Explanation(
        "with the inputs that layers of weights keep: {}, rounded before they are multiplied",
        2,
        rounded_values("activations", figure="forward"),
    ),
    Explanation("values, not bytes", 3, bytes_for("values")),
    Explanation("bits, not bytes", 2, bytes_for("bits")),
    Explanation("bytes, not values", 3, bytes_of_values),
    Explanation("twice, as with gradients or in float64", 3, twice),
    Explanation("{}", 2, longest_path),
    Explanation("poolings are counted too", 2, pools_too),
    Explanation("in {}", 3, number_formats),
    Explanation("height, width and channels are out of order", 2, channels_first),
    Explanation("two neighbouring digits are transposed", 3, transposed),
    Explanation("with the declared {} input", 2, declared_input),
    Explanation("that is {}", 2, variants(are_siblings=True)),
    Explanation("that is {}", 3, other_layers(are_near=True)),
    Explanation("over the input's grid, not the output's", 3, of((*WORK, "connections"), miscounted(input_grid))),
    Explanation("without padding", 2, taken_for(with_fields(padding=0))),
    Explanation("its size rounded the other way", 2, taken_for(rounded_the_other_way)),
    Explanation("with padding that keeps the size", 2, taken_for(with_fields(padding="same"))),
    Explanation("with stride 1", 2, taken_for(with_fields(stride=1))),
    Explanation("without an addition for each output's first product", 3, one_addition_less),
    Explanation("the running statistics of normalisation are counted too", 4, running_statistics),
    Explanation("with {}", 3, with_norm),
    Explanation("normalisation is left out", 3, weighed(lambda part: part.row.role != "norm")),
    Explanation("fully connected layers are counted twice", 3, weighed(lambda part: 1 + (part.row.role == "linear"))),
    Explanation("the biases are counted twice", 4, of(("params",), plus("biases"))),
    Explanation("the input is left out", 3, weighed(lambda part: bool(part.row.inputs))),
    Explanation("the parameters are counted too", 3, of(_HELD, plus("params"))),
    Explanation("the groups are ignored", 3, miscounted(groups_ignored)),
    Explanation("with kernels of one input channel", 3, miscounted(one_input_channel)),
    Explanation("with one bias a layer", 3, exactly(miscounted(one_bias))),
    Explanation("with one bias a fully connected layer", 3, exactly(miscounted(one_bias_if_linear))),
    Explanation("in powers of {}", 3, in_other_kilo(as_it_is(False))),
)

_PAIRS = (
    Explanation("the biases are left out, in powers of {}", 3, in_other_kilo(asked("params", figure="weights"))),
    Explanation("of convolutions only, in powers of {}", 3, in_other_kilo(_CONVS_ONLY)),
    Explanation("the running statistics are counted too, in powers of {}", 2, in_other_kilo(running_statistics)),
    Explanation("{}, rounded before they are multiplied", 3, in_other_kilo(rounded_values())),
    Explanation("without the classifier, in powers of {}", 3, in_other_kilo(asked(top=False))),
    Explanation(
        "with the inputs that layers of weights keep, in powers of {}",
        2,
        in_other_kilo(asked("activations", figure="forward")),
    ),
    Explanation(
        "MACs of convolutions only, not FLOPs",
        3,
        asked("flops", figure="operations", convention="conv-macs"),
    ),
    Explanation(
        "FLOPs of convolutions only, two for each MAC",
        3,
        times("macs", Fraction(2), figure="operations", convention="conv-macs"),
    ),
    Explanation(
        "with kernels of one input channel, and one bias a fully connected layer",
        3,
        exactly(miscounted(one_input_channel, one_bias_if_linear)),
    ),
)
"""Two at once; where one of them explains a figure, the other says nothing more."""

_MANY = (
    Explanation("as {} counts", 3, of(WORK, counted_operations)),
    Explanation("memory as {} counts it", 3, of(_HELD, counted_memory)),
    Explanation("with {} classes", 3, classes),
    Explanation("that is {}", 3, variants(are_siblings=False)),
    Explanation("with a {} input", 3, inputs),
    Explanation("that is {}", 4, other_layers(are_near=False)),
    Explanation("with a {} kernel", 3, other_kernels),
    Explanation("{}", 3, one_layer("missing")),
    Explanation("{}", 3, one_layer("counted twice")),
    Explanation("for a batch of {}", 3, batches),
    Explanation("the decimal point slipped", 3, scaled(*map(Fraction, (10, 100)), Fraction(1, 10), Fraction(1, 100))),
)
"""What has many values to offer, one of which soon meets some digits."""

EXPLANATIONS = (*_SIMPLE, *(pair._replace(alone=True) for pair in _PAIRS), *_MANY, LAST_RESORT)
"""The usual explanations, the most specific and simplest first."""
