"""The usual suspects: what a wrong figure would be right of, each one entry of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from vggcalc.conventions import MEMORY, OPERATIONS
from vggcalc.published.case import CONVS, NORMS, WORK, Candidate, Candidates, Case, Part
from vggcalc.published.culprits import one_layer, other_layers, with_norm
from vggcalc.published.figures import ROLES
from vggcalc.published.misprints import channels_first, one_digit, scaled, transposed
from vggcalc.published.printed import Actual

SIZES = (32, 64, 128, 192, 224, 227, 231, 240, 256, 260, 288, 299, 300, 320, 321, 331, 384, 416, 448, 512, 600, 608)
SMALL_SIZES = (28, 32, 64, 128)
"""The usual inputs; the small ones are those of networks for small images, of at most SMALL pixels a side."""
SMALL = 64

BATCHES = (1, 2, 4, 8, 10, 16, 32, 64, 100, 128, 256)
CLASSES = (1000, 10, 100, 1001)
FORMATS = ("float32", "float16", "float64", "int8")

_HELD = ("activations", "forward", "memory", "memory_values", "live", "saved", "neurons")


class Suspect(NamedTuple):
    """What may be behind a wrong figure. `sentence` says it, with {} for what its candidates are called.

    digits: how many a print must have, before a candidate that agrees with it is more than chance.
    """

    sentence: str
    digits: int
    candidates: Candidates


# What the candidates of a suspect are


def _asked(of: str = "", **changes: Any) -> Candidates:
    """Another question, for the figure that is named, or for all."""

    def candidates(case: Case) -> Iterator[Candidate]:
        if of in ("", case.asked.figure):
            yield Candidate("", case.value(**changes))

    return candidates


def _plus(*figures: str) -> Candidates:
    """The figure and others together."""

    def candidates(case: Case) -> Iterator[Candidate]:
        if not case.asked.share:
            values = [case.number(), *(case.number(figure=figure, convention="") for figure in figures)]
            yield Candidate("", None if None in values else sum(value or 0 for value in values))

    return candidates


def _weighed(times: Callable[[Part], int]) -> Candidates:
    """The figure with some layers left out, or counted several times."""

    def candidates(case: Case) -> Iterator[Candidate]:
        if case.parts:
            yield Candidate("", case.sized(sum(times(part) * part.amount for part in case.parts)))

    return candidates


def _of(figures: Sequence[str], candidates: Candidates) -> Candidates:
    """What a suspect offers, for some figures alone."""
    return lambda case: candidates(case) if case.asked.figure in figures else ()


def _in_other_kilo(candidates: Candidates) -> Candidates:
    """What another suspect offers, printed in powers of 1024 for 1000, or of 1000 for 1024."""

    def both(case: Case) -> Iterator[Candidate]:
        if case.other_kilo and not case.printed.sides:
            meant = "1024, not 1000" if case.other_kilo.value > case.printed.value else "1000, not 1024"
            yield from (Candidate(meant, found.value, case.other_kilo) for found in candidates(case))

    return both


def _as_it_is(in_bytes: bool) -> Candidates:
    """The right figure, of bytes or of other things."""

    def candidates(case: Case) -> Iterator[Candidate]:
        if case.in_bytes == in_bytes:
            yield Candidate("", case.actual)

    return candidates


def _times(of: str, factor: Fraction, **changes: Any) -> Candidates:
    """Another question, times a factor, for the figure that is named."""

    def candidates(case: Case) -> Iterator[Candidate]:
        if case.asked.figure == of:
            value = case.number(**changes)
            found = None if value is None else factor * value
            yield Candidate("", int(found) if found is not None and found.denominator == 1 else None)

    return candidates


def _running_statistics(case: Case) -> Iterator[Candidate]:
    """Params and buffers; PyTorch's count of batches, a scalar, may be left out."""
    if case.selection and case.asked.figure == "params" and not case.asked.share:
        tensors = [tensor for row in case.selection.rows for tensor in row.tensors]
        for known in (tensors, [tensor for tensor in tensors if tensor.shape]):
            yield Candidate("", case.sized(sum(tensor.elements for tensor in known)))


def _shared_again(case: Case) -> Iterator[Candidate]:
    """What layers share, counted at each of them."""
    roles = ROLES[case.asked.figure]
    shared = [part.row for part in case.parts if part.row.shares]
    again = sum(t.elements for row in shared for t in row.layer.weights(*row.input_shapes) if t.role in roles)
    if again:
        yield Candidate("", case.sized(again + case.total))


def _groups_ignored(case: Case) -> Iterator[Candidate]:
    """Convolutions that see all channels."""
    total = 0
    for part in case.parts:
        groups = part.row.layer.fields.get("groups", 1)
        total += part.amount + (groups - 1) * (part.row.weights if case.asked.figure == "params" else part.amount)
    yield Candidate("", case.sized(total))


def _operations(case: Case) -> Iterator[Candidate]:
    yield from (Candidate(name, case.value(figure="operations", convention=name)) for name in OPERATIONS)


def _memory(case: Case) -> Iterator[Candidate]:
    figure = "memory" if case.in_bytes else "memory_values"
    yield from (Candidate(name, case.value(figure=figure, convention=name)) for name in MEMORY)


def _formats(case: Case) -> Iterator[Candidate]:
    if case.in_bytes:
        yield from (Candidate(name, case.value(dtype=name)) for name in FORMATS)


def _variants(are_siblings: bool) -> Candidates:
    """The other variants of the family: those that are the same network as someone else builds it, or the rest."""

    def candidates(case: Case) -> Iterator[Candidate]:
        seen: set[Actual | None] = set()
        for name, shown, is_sibling in case.bench.variations(case.asked):
            if is_sibling == are_siblings:
                value = case.value(variant=name)
                if "/" not in shown or value not in seen:  # torchvision/vgg19 is another hand's vgg19
                    yield Candidate(shown, value)
                seen.add(value)

    return candidates


def _declared_input(case: Case) -> Iterator[Candidate]:
    network = case.bench.network(case.asked)
    if network and case.asked.input is not None:
        yield Candidate(str(network.input_shapes[0]), case.value(input=None))


def _inputs(case: Case) -> Iterator[Candidate]:
    network = case.bench.network(case.asked)
    shape = network.input_shapes[0].spatial if network else ()
    if len(shape) == 2:
        for size in SMALL_SIZES if max(shape) <= SMALL else SIZES:
            yield Candidate(f"{size}x{size}", case.value(input=f"{size}x{size}"))


def _batches(case: Case) -> Iterator[Candidate]:
    yield from (Candidate(str(batch), case.value(batch=batch)) for batch in BATCHES)


def _classes(case: Case) -> Iterator[Candidate]:
    others = tuple((name, value) for name, value in case.asked.vars if name != "classes")
    yield from (Candidate(str(classes), case.value(classes=classes, vars=others)) for classes in CLASSES)


_CONVS_ONLY = _weighed(lambda part: part.row.kind in CONVS)

LAST_RESORT = Suspect("one digit is wrong", 4, one_digit)

SUSPECTS = (
    Suspect("the biases are left out", 2, _asked("params", figure="weights")),
    Suspect("the biases are counted too", 2, _asked("weights", figure="params")),
    Suspect("MACs, not FLOPs", 1, _asked("flops", figure="macs")),
    Suspect("FLOPs, two for each MAC", 1, _asked("macs", figure="flops")),
    Suspect("half of it, a MAC counted once", 1, _times("operations", Fraction(1, 2))),
    Suspect("twice as much, a MAC counted as two", 1, _times("operations", Fraction(2))),
    Suspect("in powers of {}", 2, _in_other_kilo(_as_it_is(True))),
    Suspect("the unit is off by a factor of 1000", 1, scaled(Fraction(1000), Fraction(1, 1000))),
    Suspect("of convolutions only", 2, _of(WORK, _CONVS_ONLY)),
    Suspect("without the classifier", 2, _asked(top=False)),
    Suspect("without the auxiliary heads", 2, _weighed(lambda part: not part.node.training)),
    Suspect("with the auxiliary heads, as in training", 2, _asked(training=True)),
    Suspect("shared weights are counted again", 2, _of(("params", "weights", "biases"), _shared_again)),
    Suspect("of convolutions only", 2, _CONVS_ONLY),
    Suspect("of fully connected layers only", 2, _weighed(lambda part: part.row.kind == "fc")),
    Suspect("each output once, kept inputs not again", 2, _asked("forward", figure="activations")),
    Suspect("with the inputs that layers of weights keep", 2, _asked("activations", figure="forward")),
    Suspect("in {}", 3, _formats),
    Suspect("height, width and channels are out of order", 2, channels_first),
    Suspect("two neighbouring digits are transposed", 3, transposed),
    Suspect("that is {}", 2, _variants(are_siblings=True)),
    Suspect("that is {}", 3, other_layers(are_near=True)),
    Suspect("with the declared {} input", 2, _declared_input),
    Suspect("the running statistics of normalisation are counted too", 4, _running_statistics),
    Suspect("with {}", 3, with_norm),
    Suspect("normalisation is left out", 3, _weighed(lambda part: part.row.kind not in NORMS)),
    Suspect("fully connected layers are counted twice", 3, _weighed(lambda part: 1 + (part.row.kind == "fc"))),
    Suspect("the biases are counted twice", 4, _of(("params",), _plus("biases"))),
    Suspect("the input is left out", 3, _weighed(lambda part: bool(part.row.inputs))),
    Suspect("the parameters are counted too", 3, _of(_HELD, _plus("params"))),
    Suspect("the groups are ignored", 3, _of(("params", "weights", *WORK), _groups_ignored)),
    Suspect("in powers of {}", 3, _in_other_kilo(_as_it_is(False))),
    # Two at once, the usual pairs
    Suspect("the biases are left out, in powers of {}", 3, _in_other_kilo(_asked("params", figure="weights"))),
    Suspect("of convolutions only, in powers of {}", 3, _in_other_kilo(_CONVS_ONLY)),
    Suspect("without the classifier, in powers of {}", 3, _in_other_kilo(_asked(top=False))),
    Suspect(
        "with the inputs that layers of weights keep, in powers of {}",
        2,
        _in_other_kilo(_asked("activations", figure="forward")),
    ),
    Suspect(
        "MACs of convolutions only, not FLOPs",
        3,
        _asked("flops", figure="operations", convention="conv-macs"),
    ),
    Suspect(
        "FLOPs of convolutions only, two for each MAC",
        3,
        _times("macs", Fraction(2), figure="operations", convention="conv-macs"),
    ),
    # What has many values to offer
    Suspect("as {} counts", 3, _of(WORK, _operations)),
    Suspect("memory as {} counts it", 3, _of(_HELD, _memory)),
    Suspect("with {} classes", 3, _classes),
    Suspect("that is {}", 3, _variants(are_siblings=False)),
    Suspect("with a {} input", 3, _inputs),
    Suspect("that is {}", 4, other_layers(are_near=False)),
    Suspect("{}", 3, one_layer("missing")),
    Suspect("{}", 3, one_layer("counted twice")),
    Suspect("for a batch of {}", 3, _batches),
    Suspect("the decimal point slipped", 3, scaled(*map(Fraction, (10, 100)), Fraction(1, 10), Fraction(1, 100))),
    LAST_RESORT,
)
"""The usual suspects, the most specific and simplest first."""
