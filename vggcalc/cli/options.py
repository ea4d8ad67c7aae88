"""Options that several commands share, each with one meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from vggcalc.analysis.report import Report
from vggcalc.errors import Problem, UsageError
from vggcalc.layers.base import MAX_NUMBER
from vggcalc.model import load
from vggcalc.reading.reader import plain_value
from vggcalc.record import Record
from vggcalc.render import FORMATS
from vggcalc.units import DTYPE_BITS

if TYPE_CHECKING:
    from vggcalc.analysis.derive import Derivation
    from vggcalc.conventions import Counts

F = TypeVar("F", bound=Callable[..., Any])


class Question(Record):
    """What the shared options ask of a network."""

    inputs: tuple[str, ...]
    batch: int
    dtype: str
    settings: tuple[str, ...]
    classes: int | None
    until: str | None
    no_top: bool
    dense: bool
    training: bool


def complete_model(ctx: click.Context, param: click.Parameter, incomplete: str) -> Sequence[str]:
    """The bundled names that begin with what was typed, for the shell."""
    from vggcalc.language.index import names

    return [name for name in names() if name.startswith(incomplete)]


def _decorated(function: F, options: Sequence[Callable[[F], F]]) -> F:
    for option in reversed(options):
        function = option(function)
    return function


def network_options(function: F) -> F:
    """--input, --batch, --dtype and all else that changes the question."""
    options = (
        click.option(
            "--input",
            "inputs",
            multiple=True,
            metavar="HxWxC",
            help="Another input; NAME=HxWxC where there are several.",
        ),
        click.option(
            "--batch",
            type=click.IntRange(1, MAX_NUMBER),
            default=1,
            metavar="N",
            help="Images at once; default 1.",
        ),
        click.option("--dtype", type=click.Choice(list(DTYPE_BITS)), default="float32", show_default=True),
        click.option("--classes", type=click.IntRange(1, MAX_NUMBER), metavar="N", help="Short for --set classes=N."),
        click.option("--set", "settings", multiple=True, metavar="VAR=VALUE", help="Set a variable of the spec."),
        click.option("--until", metavar="LAYER", help="Stop at this layer: a feature extractor."),
        click.option("--no-top", is_flag=True, help="Leave the classifier out."),
        click.option("--dense", is_flag=True, help="Fully connected layers as convolutions, for whole images."),
        click.option(
            "--training", is_flag=True, help="Count the work of auxiliary heads, which run in training alone."
        ),
    )
    return _decorated(function, options)


def counting_options(function: F) -> F:
    """--convention and --memory."""
    options = (
        click.option("--convention", metavar="NAME", help="Operations as someone else counts them; see 'conventions'."),
        click.option("--memory", metavar="NAME", help="Memory as someone else counts it; see 'conventions'."),
    )
    return _decorated(function, options)


def output_options(function: F) -> F:
    """--format and --layout."""
    options = (
        click.option("--layout", type=click.Choice(["hwc", "chw"]), default="hwc", show_default=True, help="Shapes."),
        format_option,
    )
    return _decorated(function, options)


format_option = click.option(
    "--format", "style", type=click.Choice(FORMATS), help="Default: rich on a terminal, plain in a pipe."
)


def analysed(model: str, question: Question) -> Report:
    """The report that a command's options ask for."""
    variables = dict(_setting(text) for text in question.settings)
    if question.classes is not None:
        variables["classes"] = question.classes
    return load(model, **variables).analyse(
        input=_inputs(question.inputs),
        batch=question.batch,
        dtype=question.dtype,
        until=question.until,
        top=not question.no_top,
        dense=question.dense,
        training=question.training,
    )


def counted(report: Report, convention: str | None, memory: str | None) -> Counts | None:
    """The counts that --convention and --memory ask for."""
    if convention is None and memory is None:
        return None
    from vggcalc.conventions import counts

    return counts(report, convention, memory)


def show_derivations(
    report: Report, derivations: Sequence[Derivation], style: str | None, counts: Counts | None = None
) -> None:
    """Print derivations: a sheet for each layer, or one table for CSV."""
    from vggcalc.render import derived, show

    show(
        lambda: (
            [derived.explain_table(report, derivations)]
            if style == "csv"
            else derived.explain_sheets(report, derivations)
        ),
        lambda: derived.explain_document(report, derivations, counts),
        style,
    )


def _inputs(texts: tuple[str, ...]) -> str | dict[str, str] | None:
    if not texts:
        return None
    if len(texts) == 1 and "=" not in texts[0]:
        return texts[0]
    named = dict(text.partition("=")[::2] for text in texts)
    if len(named) != len(texts) or not all(named.values()):
        raise UsageError(Problem("several --input need names of their own", "write --input NAME=HxWxC"))
    return named


def _setting(text: str) -> tuple[str, int | str]:
    name, equals, value = text.partition("=")
    read = plain_value(value)
    if isinstance(read, float):
        read = value  # whoever knows the variable knows what may be meant
    if not equals or not name or isinstance(read, bool) or read == "":
        raise UsageError(
            Problem(
                f"--set {text} does not set a whole number or a word", "write --set VAR=VALUE, as in --set width=64"
            )
        )
    return name, read
