"""What a figure would be, had another question been asked: another figure, input, batch, variant, convention."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from vggcalc.claims.printed import Actual
from vggcalc.conventions import MEMORY, OPERATIONS
from vggcalc.figures import FIGURES
from vggcalc.hints.candidates import Candidate, Candidates
from vggcalc.hints.discrepancy import Discrepancy
from vggcalc.units import n_bytes

SIZES = (32, 64, 128, 192, 224, 227, 231, 240, 256, 260, 288, 299, 300, 320, 321, 331, 384, 416, 448, 512, 600, 608)
SMALL_SIZES = (28, 32, 64, 128)
"""The usual inputs; the small ones are those of networks for small images, of at most SMALL pixels a side."""
SMALL = 64

BATCHES = (1, 2, 4, 8, 10, 16, 32, 64, 100, 128, 256)
CLASSES = (1000, 10, 100, 1001)
FORMATS = ("float32", "float16", "int8")


def asked(of: str = "", **changes: Any) -> Candidates:
    """Another quantity, for the figure that is named, or for all."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        if of in ("", wrong.asked.figure):
            yield Candidate("", wrong.value(**changes))

    return candidates


def plus(*figures: str) -> Candidates:
    """The figure and others together."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        if not wrong.asked.share:
            values = [wrong.number(), *(wrong.number(figure=figure, convention="") for figure in figures)]
            yield Candidate("", None if None in values else sum(value or 0 for value in values))

    return candidates


def times(of: str, factor: Fraction, **changes: Any) -> Candidates:
    """Another quantity, times a factor, for the figure that is named."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        if wrong.asked.figure == of:
            value = wrong.number(**changes)
            found = None if value is None else factor * value
            yield Candidate("", int(found) if found is not None and found.denominator == 1 else None)

    return candidates


def counted_operations(wrong: Discrepancy) -> Iterator[Candidate]:
    """Operations, as each convention counts them."""
    yield from (Candidate(name, wrong.value(figure="operations", convention=name)) for name in OPERATIONS)


def counted_memory(wrong: Discrepancy) -> Iterator[Candidate]:
    """Memory, as each convention counts it."""
    figure = "memory_bytes" if wrong.in_bytes else "memory_values"
    yield from (Candidate(name, wrong.value(figure=figure, convention=name)) for name in MEMORY)


def number_formats(wrong: Discrepancy) -> Iterator[Candidate]:
    """Bytes, in another number format."""
    if wrong.in_bytes:
        yield from (Candidate(name, wrong.value(dtype=name)) for name in FORMATS)


def variants(are_siblings: bool) -> Candidates:
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


def declared_input(wrong: Discrepancy) -> Iterator[Candidate]:
    """At the input that the network declares, where another one is claimed."""
    network = wrong.calculator.network(wrong.asked)
    if network and wrong.asked.question.input:
        yield Candidate(str(network.input_shapes[0]), wrong.value(input=None))


def inputs(wrong: Discrepancy) -> Iterator[Candidate]:
    """On images of the usual sizes."""
    network = wrong.calculator.network(wrong.asked)
    shape = network.input_shapes[0].spatial if network else ()
    if len(shape) == 2 and not FIGURES[wrong.asked.figure].in_fields:  # what is seen does not depend on the image
        for size in SMALL_SIZES if max(shape) <= SMALL else SIZES:
            yield Candidate(f"{size}x{size}", wrong.value(input=f"{size}x{size}"))


def batches(wrong: Discrepancy) -> Iterator[Candidate]:
    """For the usual batches."""
    yield from (Candidate(str(batch), wrong.value(batch=batch)) for batch in BATCHES)


def classes(wrong: Discrepancy) -> Iterator[Candidate]:
    """With the usual numbers of classes."""
    yield from (Candidate(str(classes), wrong.value(classes=classes)) for classes in CLASSES)


def bytes_of_values(wrong: Discrepancy) -> Iterator[Candidate]:
    """What the values take, printed as if it were their number."""
    if not wrong.in_bytes and (values := wrong.values()):
        yield Candidate("", n_bytes(values, wrong.asked.question.dtype))


def twice(wrong: Discrepancy) -> Iterator[Candidate]:
    """Twice the bytes."""
    if wrong.in_bytes and (value := wrong.number()):
        yield Candidate("", 2 * value)


def longest_path(wrong: Discrepancy) -> Iterator[Candidate]:
    """The layers on the longest path, where all count; or all, where those on it do."""
    for of, other, what in (("layers", "depth", "those on the longest path"), ("depth", "layers", "all of them")):
        if wrong.asked.figure == of:
            yield Candidate(what, wrong.value(figure=other))


def one_addition_less(wrong: Discrepancy) -> Iterator[Candidate]:
    """FLOPs of which the first product of each output needs no addition: (2*3*3*64 - 1) for each."""
    if wrong.asked.figure == "flops":
        flops, outputs = wrong.number(), wrong.number(figure="neurons")
        yield Candidate("", None if flops is None or outputs is None else flops - outputs)
