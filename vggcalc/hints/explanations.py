"""The usual explanations: what a wrong figure would be right of, each one entry of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from vggcalc.claims.printed import Actual
from vggcalc.conventions import MEMORY, OPERATIONS
from vggcalc.figures import FIGURES
from vggcalc.hints.discrepancy import WORK, Candidate, Candidates, Contribution, Discrepancy
from vggcalc.hints.miscounts import input_grid, miscounted, one_bias, one_bias_if_linear, one_input_channel
from vggcalc.hints.misprints import channels_first, one_digit, scaled, transposed
from vggcalc.hints.roundings import fewer_digits, rounded_up, rounded_values
from vggcalc.hints.single_layers import one_layer, other_layers, with_norm

SIZES = (32, 64, 128, 192, 224, 227, 231, 240, 256, 260, 288, 299, 300, 320, 321, 331, 384, 416, 448, 512, 600, 608)
SMALL_SIZES = (28, 32, 64, 128)
"""The usual inputs; the small ones are those of networks for small images, of at most SMALL pixels a side."""
SMALL = 64

BATCHES = (1, 2, 4, 8, 10, 16, 32, 64, 100, 128, 256)
CLASSES = (1000, 10, 100, 1001)
FORMATS = ("float32", "float16", "float64", "int8")

_HELD = ("activations", "forward", "memory_bytes", "memory_values", "live", "saved", "neurons")


class Explanation(NamedTuple):
    """What may be behind a wrong figure. `sentence` says it, with {} for what its candidates are called.

    digits: how many a print must have, before a candidate that agrees with it is more than chance.
    """

    sentence: str
    digits: int
    candidates: Candidates


# What the candidates of an explanation are


def _asked(of: str = "", **changes: Any) -> Candidates:
    """Another quantity, for the figure that is named, or for all."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        if of in ("", wrong.asked.figure):
            yield Candidate("", wrong.value(**changes))

    return candidates


def _plus(*figures: str) -> Candidates:
    """The figure and others together."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        if not wrong.asked.share:
            values = [wrong.number(), *(wrong.number(figure=figure, convention="") for figure in figures)]
            yield Candidate("", None if None in values else sum(value or 0 for value in values))

    return candidates


def _weighed(times: Callable[[Contribution], int]) -> Candidates:
    """The figure with some layers left out, or counted several times."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        if wrong.parts:
            yield Candidate("", wrong.sized(sum(times(part) * part.amount for part in wrong.parts)))

    return candidates


def _of(figures: Sequence[str], candidates: Candidates) -> Candidates:
    """What an explanation offers, for some figures alone."""
    return lambda wrong: candidates(wrong) if wrong.asked.figure in figures else ()


def _exactly(candidates: Candidates) -> Candidates:
    """What an explanation offers, where that is printed to the last unit: rounded, it could not be told from others."""

    def exact(wrong: Discrepancy) -> Iterator[Candidate]:
        for found in candidates(wrong):
            if found.value is not None and wrong.printed.verdict(found.value) == "exact":
                yield found

    return exact


def _in_other_kilo(candidates: Candidates) -> Candidates:
    """What another explanation offers, printed in powers of 1024 for 1000, or of 1000 for 1024."""

    def both(wrong: Discrepancy) -> Iterator[Candidate]:
        if wrong.other_kilo and not wrong.printed.sides:
            meant = "1024, not 1000" if wrong.other_kilo.value > wrong.printed.value else "1000, not 1024"
            for found in candidates(wrong):
                what = f"{found.what} in powers of {meant}" if found.what else meant
                yield Candidate(what, found.value, wrong.other_kilo)

    return both


def _as_it_is(in_bytes: bool) -> Candidates:
    """The right figure, of bytes or of other things."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        if wrong.in_bytes == in_bytes:
            yield Candidate("", wrong.actual)

    return candidates


def _times(of: str, factor: Fraction, **changes: Any) -> Candidates:
    """Another quantity, times a factor, for the figure that is named."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        if wrong.asked.figure == of:
            value = wrong.number(**changes)
            found = None if value is None else factor * value
            yield Candidate("", int(found) if found is not None and found.denominator == 1 else None)

    return candidates


def _running_statistics(wrong: Discrepancy) -> Iterator[Candidate]:
    """Params and buffers; PyTorch's count of batches, a scalar, may be left out."""
    if wrong.selection and wrong.asked.figure == "params" and not wrong.asked.share:
        tensors = [tensor for row in wrong.selection.rows for tensor in row.tensors]
        for known in (tensors, [tensor for tensor in tensors if tensor.shape]):
            yield Candidate("", wrong.sized(sum(tensor.elements for tensor in known)))


def _shared_again(wrong: Discrepancy) -> Iterator[Candidate]:
    """What layers share, counted at each of them."""
    counted = FIGURES[wrong.asked.figure].tensors
    shared = [part.row for part in wrong.parts if part.row.shares]
    again = sum(t.elements for row in shared for t in row.layer.weights(*row.input_shapes) if t.counts_as in counted)
    if again:
        yield Candidate("", wrong.sized(again + wrong.total))


def _groups_ignored(wrong: Discrepancy) -> Iterator[Candidate]:
    """Convolutions that see all channels."""
    total = 0
    for part in wrong.parts:
        groups = part.row.layer.fields.get("groups", 1)
        total += part.amount + (groups - 1) * (part.row.weights if wrong.asked.figure == "params" else part.amount)
    yield Candidate("", wrong.sized(total))


def _operations(wrong: Discrepancy) -> Iterator[Candidate]:
    yield from (Candidate(name, wrong.value(figure="operations", convention=name)) for name in OPERATIONS)


def _memory(wrong: Discrepancy) -> Iterator[Candidate]:
    figure = "memory_bytes" if wrong.in_bytes else "memory_values"
    yield from (Candidate(name, wrong.value(figure=figure, convention=name)) for name in MEMORY)


def _formats(wrong: Discrepancy) -> Iterator[Candidate]:
    if wrong.in_bytes:
        yield from (Candidate(name, wrong.value(dtype=name)) for name in FORMATS)


def _variants(are_siblings: bool) -> Candidates:
    """The other variants of the family: those that are the same network as someone else builds it, or the rest."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        seen: set[Actual | None] = set()
        for name, shown, is_sibling in wrong.calculator.variations(wrong.asked):
            if is_sibling == are_siblings:
                value = wrong.value(variant=name)
                if "/" not in shown or value not in seen:  # torchvision/vgg19 is another hand's vgg19
                    yield Candidate(shown, value)
                seen.add(value)

    return candidates


def _declared_input(wrong: Discrepancy) -> Iterator[Candidate]:
    network = wrong.calculator.network(wrong.asked)
    if network and wrong.asked.question.input:
        yield Candidate(str(network.input_shapes[0]), wrong.value(input=None))


def _inputs(wrong: Discrepancy) -> Iterator[Candidate]:
    network = wrong.calculator.network(wrong.asked)
    shape = network.input_shapes[0].spatial if network else ()
    if len(shape) == 2:
        for size in SMALL_SIZES if max(shape) <= SMALL else SIZES:
            yield Candidate(f"{size}x{size}", wrong.value(input=f"{size}x{size}"))


def _batches(wrong: Discrepancy) -> Iterator[Candidate]:
    yield from (Candidate(str(batch), wrong.value(batch=batch)) for batch in BATCHES)


def _classes(wrong: Discrepancy) -> Iterator[Candidate]:
    yield from (Candidate(str(classes), wrong.value(classes=classes)) for classes in CLASSES)


_CONVS_ONLY = _weighed(lambda part: part.row.role == "conv")

LAST_RESORT = Explanation("one digit is wrong", 4, one_digit)

EXPLANATIONS = (
    Explanation("{}", 1, rounded_up),
    Explanation("the biases are left out", 2, _asked("params", figure="weights")),
    Explanation("the biases are counted too", 2, _asked("weights", figure="params")),
    Explanation("MACs, not FLOPs", 1, _asked("flops", figure="macs")),
    Explanation("FLOPs, two for each MAC", 1, _asked("macs", figure="flops")),
    Explanation("half of it, a MAC counted once", 1, _times("operations", Fraction(1, 2))),
    Explanation("twice as much, a MAC counted as two", 1, _times("operations", Fraction(2))),
    Explanation("in powers of {}", 2, _in_other_kilo(_as_it_is(True))),
    Explanation("the unit is off by a factor of 1000", 1, scaled(Fraction(1000), Fraction(1, 1000))),
    Explanation("only right to {}", 3, fewer_digits),
    Explanation("of convolutions only", 2, _of(WORK, _CONVS_ONLY)),
    Explanation("without the classifier", 2, _asked(top=False)),
    Explanation("without the auxiliary heads", 2, _weighed(lambda part: not part.node.training)),
    Explanation("with the auxiliary heads, as in training", 2, _asked(training=True)),
    Explanation("shared weights are counted again", 2, _of(("params", "weights", "biases"), _shared_again)),
    Explanation("of convolutions only", 2, _CONVS_ONLY),
    Explanation("of fully connected layers only", 2, _weighed(lambda part: part.row.role == "linear")),
    Explanation("each output once, kept inputs not again", 2, _asked("forward", figure="activations")),
    Explanation("with the inputs that layers of weights keep", 2, _asked("activations", figure="forward")),
    Explanation("{}, rounded before they are multiplied", 2, rounded_values()),
    Explanation(
        "with the inputs that layers of weights keep: {}, rounded before they are multiplied",
        2,
        rounded_values("activations", figure="forward"),
    ),
    Explanation("in {}", 3, _formats),
    Explanation("height, width and channels are out of order", 2, channels_first),
    Explanation("two neighbouring digits are transposed", 3, transposed),
    Explanation("that is {}", 2, _variants(are_siblings=True)),
    Explanation("that is {}", 3, other_layers(are_near=True)),
    Explanation("with the declared {} input", 2, _declared_input),
    Explanation("the running statistics of normalisation are counted too", 4, _running_statistics),
    Explanation("with {}", 3, with_norm),
    Explanation("normalisation is left out", 3, _weighed(lambda part: part.row.role != "norm")),
    Explanation("fully connected layers are counted twice", 3, _weighed(lambda part: 1 + (part.row.role == "linear"))),
    Explanation("the biases are counted twice", 4, _of(("params",), _plus("biases"))),
    Explanation("the input is left out", 3, _weighed(lambda part: bool(part.row.inputs))),
    Explanation("the parameters are counted too", 3, _of(_HELD, _plus("params"))),
    Explanation("the groups are ignored", 3, _of(("params", "weights", *WORK), _groups_ignored)),
    Explanation("with kernels of one input channel", 3, miscounted(one_input_channel)),
    Explanation("over the input's grid, not the output's", 3, miscounted(input_grid)),
    Explanation("with one bias a layer", 3, _exactly(miscounted(one_bias))),
    Explanation("with one bias a fully connected layer", 3, _exactly(miscounted(one_bias_if_linear))),
    Explanation("in powers of {}", 3, _in_other_kilo(_as_it_is(False))),
    # Two at once, the usual pairs
    Explanation("the biases are left out, in powers of {}", 3, _in_other_kilo(_asked("params", figure="weights"))),
    Explanation("of convolutions only, in powers of {}", 3, _in_other_kilo(_CONVS_ONLY)),
    Explanation("the running statistics are counted too, in powers of {}", 2, _in_other_kilo(_running_statistics)),
    Explanation("{}, rounded before they are multiplied", 3, _in_other_kilo(rounded_values())),
    Explanation("without the classifier, in powers of {}", 3, _in_other_kilo(_asked(top=False))),
    Explanation(
        "with the inputs that layers of weights keep, in powers of {}",
        2,
        _in_other_kilo(_asked("activations", figure="forward")),
    ),
    Explanation(
        "MACs of convolutions only, not FLOPs",
        3,
        _asked("flops", figure="operations", convention="conv-macs"),
    ),
    Explanation(
        "FLOPs of convolutions only, two for each MAC",
        3,
        _times("macs", Fraction(2), figure="operations", convention="conv-macs"),
    ),
    Explanation(
        "with kernels of one input channel, and one bias a fully connected layer",
        3,
        _exactly(miscounted(one_input_channel, one_bias_if_linear)),
    ),
    # What has many values to offer
    Explanation("as {} counts", 3, _of(WORK, _operations)),
    Explanation("memory as {} counts it", 3, _of(_HELD, _memory)),
    Explanation("with {} classes", 3, _classes),
    Explanation("that is {}", 3, _variants(are_siblings=False)),
    Explanation("with a {} input", 3, _inputs),
    Explanation("that is {}", 4, other_layers(are_near=False)),
    Explanation("{}", 3, one_layer("missing")),
    Explanation("{}", 3, one_layer("counted twice")),
    Explanation("for a batch of {}", 3, _batches),
    Explanation("the decimal point slipped", 3, scaled(*map(Fraction, (10, 100)), Fraction(1, 10), Fraction(1, 100))),
    LAST_RESORT,
)
"""The usual explanations, the most specific and simplest first."""
